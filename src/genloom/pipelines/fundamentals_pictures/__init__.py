"""The pictures of ``fundamentals``, as a teacher would draw them: one module per experiment."""
