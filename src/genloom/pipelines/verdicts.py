"""What the numbers say, in sentences: the answers that the report begins with.

Every sentence is computed from the tables (``findings`` says what counts as what); nothing is
known of any generator but its numbers.
"""

import math
from dataclasses import dataclass

from genloom.pipelines.findings import COPIES, REAL, Facts, Lift, points, unbroken, written
from genloom.pipelines.glossary import FEATURE_BASED, title


@dataclass(frozen=True)
class Verdict:
    """One answer: ``tone`` is ``yes``, ``no`` or ``unclear``."""

    question: str
    tone: str
    answer: str
    sentences: list[str]


def draw_verdicts(facts: Facts) -> list[Verdict]:
    """The answers for one domain, in the order in which one asks them."""
    answers = [does_it_help(arm, facts) for arm in dict.fromkeys(lift.arm for lift in facts.lifts)]
    if facts.anything("generator"):
        answers += [which_generator(facts), can_it_be_trusted(facts)]
    judged = [role for role in facts.ranked_by if role != "generator" and facts.anything(role)]
    return answers + [which_is_best(role, facts) for role in judged]


def does_it_help(arm: str, facts: Facts) -> Verdict:
    """Whether any recipe with generated samples lifts accuracy in one arm."""
    found = [lift for lift in facts.lifts if lift.arm == arm]
    where = f"with {arm} labels per class" if arm else "with all the data"
    question = f"Does synthetic data help {where}?"
    synthetic = [lift for lift in found if lift.group != "no generator"]
    if not synthetic:
        return Verdict(question, "unclear", "Not measured", ["No recipe used a generator."])
    helpers = [lift for lift in synthetic if lift.outcome == "helps"]
    losers = [lift for lift in synthetic if lift.outcome == "loses"]
    best = max(helpers or synthetic, key=lambda lift: lift.value)
    about = (
        f"{_said(best)} in the accuracy of {facts.learner}, over {best.repeats} paired "
        f"repeat{'' if best.repeats == 1 else 's'}"
    )
    if helpers:
        tone, answer = "yes", f"Yes: {best.recipe}, {points(best.value)} points"
        tried = len(synthetic)
        sentences = [f"The best of {tried} recipes with generated samples is {about}."]
        if tried > 1:
            sentences.append(
                f"{len(helpers)} of {tried} {'helps' if len(helpers) == 1 else 'help'}. Being "
                "chosen as the best flatters it a little: its interval does not know of the choice."
            )
    elif len(losers) == len(synthetic):
        tone, answer = "no", "No, it costs accuracy"
        sentences = [f"Every recipe with generated samples loses; the least bad is {about}."]
    else:
        tone, answer = "unclear", "Not shown"
        why = "has an interval that includes 0"
        if math.isnan(best.low):
            why = "has no interval"
        elif not best.low <= 0 <= best.high:
            why = "has an interval without width"
        sentences = [f"The best recipe with generated samples {why}: {about}."]
    if best.kind == "floor":
        sentences.append("Those samples come from a floor, not from a network.")
    if losers and len(losers) < len(synthetic):
        worst = sorted(losers, key=lambda lift: lift.value)
        lost = [f"{lift.recipe} ({points(lift.value)})" for lift in worst]
        sentences.append(f"Losing: {listed(lost)}.")
    rivals = [lift for lift in found if lift.group == "no generator"]
    if rivals:
        rival = max(rivals, key=lambda lift: lift.value)
        relation = "less" if rival.value < best.value else "at least as much"
        sentences.append(f"The best recipe without a generator gives {relation}: {_said(rival)}.")
        if tone == "yes" and rival.outcome == "helps" and relation != "less":
            tone, answer = "unclear", f"Yes, but {rival.recipe} helps as much or more"
    return Verdict(question, tone, answer, sentences)


def which_generator(facts: Facts) -> Verdict:
    """Which generator comes closest to real data, beside the ceiling and the best floor."""
    metric = facts.ranked_by["generator"]
    best, ranked = facts.recommended(), facts.ranked("generator")
    networks = [name for name in ranked if name not in facts.floors]
    kind = "networks" if networks else "floors"
    tone, answer = "yes", best
    among = f"Of the {kind} that neither copy nor have collapsed"
    if not facts.fit(best):
        tone, answer = "no", "None yet: each copies or has collapsed"
        among = f"All {kind} copy or have collapsed; of them"
    value, real = facts.number(best, metric), facts.number(REAL, metric)
    where = f" in the features of {facts.features}" if metric in FEATURE_BASED else ""
    name = title(metric, facts)
    likeness = metric in FEATURE_BASED
    does = "comes closest to real data" if likeness else "predicts unseen data best"
    sentences = [f"{among}, {best} {does}: {name} {facts.said(best, metric)}{where}."]
    if not math.isnan(real):  # a likelihood has no ceiling
        ceiling = f"Real training data, the ceiling, reaches {facts.said(REAL, metric)}"
        if real > 0 and not math.isnan(value):
            ceiling += f": {best} stands at {value / real:.2f} times that"
        sentences.append(f"{ceiling}.")
    floors = [name for name in ranked if name in facts.floors and not facts.copies(name)]
    if networks and floors:
        floor = floors[0]
        lost = [name for name in networks if floor in facts.floors_ahead(name, "generator")]
        beaten = f"{best} does not beat it" if best in lost else f"{best} beats it"
        sentences.append(
            f"The best floor that does not copy is {floor} with {facts.said(floor, metric)}: "
            f"{beaten}."
        )
        if best in lost and tone == "yes":
            tone, answer = "no", f"None yet: the floor {floor} is better"
        sentences += _not_beating([name for name in lost if name != best], floor)
    copies = "copies the training set" + (", which this rewards" if likeness else "")
    nearer = "comes closer" if likeness else "does so better"
    for others, why in (
        ([n for n in ranked if facts.copies(n)], copies),
        ([n for n in networks if facts.collapsed(n) and not facts.copies(n)], "has collapsed"),
    ):
        sentences += [
            f"{name} ({written(facts.number(name, metric))}) {nearer}, but {why}."
            for name in others
            if name != best and not facts.far(name, metric) > facts.far(best, metric)
        ]
    return Verdict("Which network should make it?", tone, answer, sentences)


def can_it_be_trusted(facts: Facts) -> Verdict:
    """Whether the recommended generator copies, collapses, and can be learnt from."""
    best = facts.recommended()
    if math.isnan(facts.number(best, "dcr_share")):
        tone, answer = "unclear", f"Not known: {best} had no copy test"
        sentences = []
    else:
        tone, answer = "yes", f"{best} does not copy"
        if facts.copies(best):
            tone, answer = "no", f"No, {best} is a copier"
        elif not facts.cleared(best):
            # Its share, or the upper end of a wide interval, is one that a copier could have.
            tone, answer = "unclear", f"Not clear: {best} may copy"
        sentences = [
            f"Copy test: {facts.said(best, 'dcr_share')} of its samples lie nearer to the training "
            f"set than to real data it never saw. 0.5 is ideal; above {COPIES} is copying."
        ]
    if lacking := facts.collapsed(best):
        also = " is a copier and" if facts.copies(best) else ""
        tone, answer = "no", f"No, {best}{also} has collapsed"
        missing = [
            f"{name} {facts.said(best, name)} where real data reaches {facts.said(REAL, name)}"
            for name in lacking
        ]
        sentences.append(f"It makes only a part of what there is: {listed(missing)}.")
    elif not math.isnan(facts.number(best, "coverage")):
        sentences.append(
            f"It covers {facts.said(best, 'coverage')} of the real test data; real training data "
            f"covers {facts.said(REAL, 'coverage')}."
        )
    if not math.isnan(facts.number(best, "tstr_accuracy")):
        sentences.append(
            "A predictor that saw only its samples reaches an accuracy of "
            f"{facts.said(best, 'tstr_accuracy')} on real test data; one that saw the real data, "
            f"{facts.said(REAL, 'tstr_accuracy')}."
        )
    if not math.isnan(facts.number(best, "conditional_accuracy")):
        sentences.append(
            f"{facts.said(best, 'conditional_accuracy')} of its samples are given the class they "
            f"were made for by {facts.learner}."
        )
    others = [name for name in facts.ranked("generator") if name != best]
    copiers = [f"{n} ({facts.copied(n)})" for n in others if facts.copies(n)]
    if copiers:
        sentences.append(f"{_label('Copier', copiers)} among the others: {listed(copiers)}.")
    if fallen := [name for name in others if facts.collapsed(name)]:
        sentences.append(f"Collapsed among the others: {listed(fallen)}.")
    return Verdict("Can I trust what it makes?", tone, answer, sentences)


def which_is_best(role: str, facts: Facts) -> Verdict:
    """Which member of a role is best, and whether it is worth more than a floor."""
    metric, question = facts.ranked_by[role], f"Which {role} is best?"
    ranked = facts.ranked(role)
    best = ranked[0]
    n = facts.number(best, metric, "n")
    on = "" if math.isnan(n) else f" on {int(n):,} test samples"
    name = f"{best}, a floor," if best in facts.floors else best
    sentences = [f"{name} is first by {title(metric, facts)}: {facts.said(best, metric)}{on}."]
    floor = next((other for other in ranked if other in facts.floors), None)
    networks = [other for other in ranked if other not in facts.floors]
    if floor is None or not networks:
        return Verdict(question, "yes", best, sentences)
    lost = [other for other in networks if floor in facts.floors_ahead(other, role)]
    tone, answer = "yes", best
    if best in facts.floors:
        tone, answer = "no", f"{best}, a floor"
    else:
        beaten = "does not beat" if best in lost else "beats"
        sentences.append(f"It {beaten} the best floor, {floor}: {facts.said(floor, metric)}.")
        if best in lost:
            tone, answer = "no", f"{best} is no better than {floor}"
        elif _within(facts, best, floor, metric):
            tone = "unclear"
            sentences.append("That lead lies within the floor's own interval.")
    sentences += _not_beating([other for other in lost if other != best], floor)
    return Verdict(question, tone, answer, sentences)


def _within(facts: Facts, best: str, floor: str, metric: str) -> bool:
    """Whether a value lies no better than the better end of a floor's interval."""
    value = facts.number(best, metric)
    if facts.better(metric) == "lower":
        return value >= facts.number(floor, metric, "low")
    return value <= facts.number(floor, metric, "high")


def listed(parts: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _not_beating(names: list[str], floor: str) -> list[str]:
    if not names:
        return []
    return [f"{listed(names)} {'does' if len(names) == 1 else 'do'} not beat {floor}."]


def _label(word: str, of: list[str]) -> str:
    return word if len(of) == 1 else f"{word}s"


def _said(lift: Lift) -> str:
    """``real+gan +1.20 points (+0.30 to +2.10)``."""
    interval = "no interval"
    if not math.isnan(lift.low):
        interval = unbroken(f"{points(lift.low)} to {points(lift.high)}")
    return f"{lift.recipe} {points(lift.value)} points ({interval})"
