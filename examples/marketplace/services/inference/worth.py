"""What a handmade thing is worth: a guess that gets better the longer it is thought about."""

import random

# Median hours of work and cents an hour, by what a thing is made of.
CRAFTS = {
    "clay": (6.0, 2600),
    "cloth": (11.0, 2400),
    "wood": (5.0, 2500),
    "glass": (4.0, 3100),
    "paper": (2.5, 2200),
    "leather": (7.0, 2700),
}
OTHER = (5.0, 2400)


class Appraisal:
    """One thought about one listing. `think` draws more samples; the same listing always ends at the same worth."""

    def __init__(self, listing_id, category):
        self._random = random.Random(f"{listing_id}/{category}")
        self._hours, self._wage = CRAFTS.get(category, OTHER)
        self._samples = []

    def think(self, samples):
        for _ in range(samples):
            hours = self._random.lognormvariate(0, 0.45) * self._hours
            materials = self._random.uniform(0.1, 0.35)
            self._samples.append(hours * self._wage / (1 - materials))

    def result(self):
        """The middle of what was drawn so far and the range that half of it lies in, in cents."""
        ordered = sorted(self._samples)
        if not ordered:
            return None
        def at(share):
            return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))])

        return {"cents": at(0.5), "low": at(0.25), "high": at(0.75), "samples": len(ordered)}
