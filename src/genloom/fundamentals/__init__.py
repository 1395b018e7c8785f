"""How networks learn, as experiments on tensors: one module each, and what they share."""
