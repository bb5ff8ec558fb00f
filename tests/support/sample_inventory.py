"""What the sample's rooms hold, and the habits of each object that a planted shortcut follows."""

from typing import NamedTuple


class Thing(NamedTuple):
    """An invented object and its habits.

    `number` is how many a room tends to have, `size` its longest dimension in centimetres, `reach` its
    share of a distance in metres; `nearness` and `entrance` are its ranks, 0 first, among what is
    closest to other things and what a video shows first; `bearing` is where it tends to stand, as
    left or right, as left, right or back, and as a quadrant.
    """

    name: str
    number: int
    size: int
    reach: float
    nearness: int
    entrance: int
    bearing: tuple[str, str, str]


THINGS = (
    Thing("aquarium", 2, 112, 0.5, 3, 7, ("left", "back", "front-left")),
    Thing("armchair", 4, 95, 1.9, 0, 1, ("right", "right", "back-right")),
    Thing("bread bin", 2, 41, 0.3, 9, 13, ("right", "left", "front-right")),
    Thing("coat rack", 3, 175, 2.6, 6, 0, ("left", "left", "front-left")),
    Thing("cuckoo clock", 2, 33, 1.1, 14, 10, ("left", "back", "back-left")),
    Thing("drying rack", 2, 150, 2.3, 11, 5, ("right", "back", "back-right")),
    Thing("easel", 3, 165, 1.5, 7, 9, ("right", "right", "front-right")),
    Thing("filing cabinet", 5, 130, 0.7, 5, 4, ("left", "left", "back-left")),
    Thing("footstool", 6, 46, 0.4, 1, 6, ("right", "left", "front-left")),
    Thing("globe", 2, 38, 2.0, 12, 12, ("left", "right", "back-left")),
    Thing("kettle", 2, 27, 0.9, 13, 15, ("left", "left", "front-right")),
    Thing("piano", 2, 148, 2.8, 10, 2, ("right", "back", "back-right")),
    Thing("rocking horse", 3, 85, 1.3, 8, 8, ("left", "right", "front-left")),
    Thing("spice rack", 4, 52, 0.6, 15, 14, ("right", "right", "front-right")),
    Thing("stove", 2, 90, 1.7, 4, 3, ("left", "left", "back-left")),
    Thing("umbrella stand", 7, 62, 2.4, 2, 11, ("right", "back", "back-right")),
)
