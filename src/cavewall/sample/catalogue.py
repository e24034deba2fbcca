"""What the collection holds: which subject does what where, and in which colours."""

from __future__ import annotations

from typing import TypeAlias

Places: TypeAlias = dict[str, int]


def _places(text: str) -> Places:
    """Read ``sand*6 snow``: places, each with its number of pictures."""
    pairs = (word.partition("*") for word in text.split())
    return {place: int(times or 1) for place, _, times in pairs}


_TEXT: dict[str, dict[str, str]] = {
    "dog": {
        "running": "sand*6 snow*3 grass*4 city forest*2 desert mountains",
        "jumping": "sand*2 snow*2 grass*2 forest",
        "sleeping": "sand*2 grass*2 city snow",
        "sitting": "sand*2 snow grass*2 city mountains forest",
        "eating": "grass*2 city snow sand",
        "swimming": "water*4",
        "playing": "sand*2 snow*2 grass*3 city",
        "walking": "city*2 forest sand snow",
    },
    "human": {
        "running": "sand*7 snow*3 grass*4 city*4 forest*3 desert*2 mountains*2",
        "jumping": "sand*3 snow*2 grass*3 city mountains",
        "sleeping": "sand*3 grass*3 forest",
        "sitting": "sand*3 snow*2 grass*3 city forest mountains*2",
        "eating": "sand*2 grass*3 city*2",
        "swimming": "water*6",
        "playing": "sand*3 snow*2 grass*4 city",
        "riding": "city*3 grass*2 forest*2 mountains sand",
        "walking": "sand*3 snow*3 city*2 forest*2 desert*2 mountains*2",
    },
    "cat": {
        "running": "grass*2 snow*2 city sand*2",
        "jumping": "grass*2 snow city sand",
        "sleeping": "grass*2 city sand*2 snow",
        "sitting": "grass*2 snow*2 city*2 sand forest",
        "eating": "grass city*2 sand",
        "playing": "grass*2 snow city sand*2",
        "walking": "city forest",
    },
    "horse": {
        "running": "sand*3 grass*4 snow*3 desert*3 mountains*2",
        "jumping": "grass*2 sand snow mountains",
        "standing": "grass snow*2 mountains desert",
        "eating": "grass*3 mountains*2",
        "walking": "forest sand snow mountains",
    },
    "bird": {
        "flying": "sky*7 water*3 mountains*2 sand*2 city*2 snow desert",
        "sitting": "forest*3 snow*2 grass*2",
        "swimming": "water*5",
        "eating": "grass*2 sand city*2 snow",
        "standing": "sand*2 grass",
    },
    "boat": {"sailing": "water*16"},
    "car": {"driving": "city*6 desert*4 snow*3 sand*2 forest*3 mountains*3"},
    "bicycle": {"standing": "city*3 grass*3 forest*2 sand*2 snow"},
    "elephant": {
        "walking": "grass*2 forest*2 desert*2",
        "standing": "grass water*3",
        "running": "grass*2 desert*2",
        "eating": "grass*2 forest",
    },
    "cow": {
        "eating": "grass*3 mountains*2",
        "standing": "grass*2 snow mountains",
        "sleeping": "grass*2",
        "walking": "sand",
    },
    "sheep": {
        "eating": "grass*2 mountains*2",
        "standing": "snow*2 grass",
        "sleeping": "grass mountains",
        "walking": "mountains",
    },
    "fish": {"swimming": "underwater*9", "jumping": "water*4"},
}
COMBINATIONS: dict[str, dict[str, Places]] = {
    subject: {action: _places(text) for action, text in actions.items()}
    for subject, actions in _TEXT.items()
}
"""Subject, action and place of every picture, with how many pictures there are of each."""

IMPLIED_BY_PLACE: dict[str, tuple[str, ...]] = {"desert": ("sand",)}
"""Further words that hold wherever a place does: a desert is of sand."""

FLOCKS: dict[tuple[str, str], tuple[int, ...]] = {
    ("dog", "running"): (1, 1, 1, 1, 2),
    ("horse", "running"): (1, 1, 2),
    ("horse", "eating"): (1, 2),
    ("bird", "flying"): (1, 1, 2, 3),
    ("bird", "swimming"): (1, 1, 2),
    ("sheep", "eating"): (1, 2, 3),
    ("sheep", "standing"): (1, 2, 3),
    ("cow", "eating"): (1, 1, 2),
    ("elephant", "walking"): (1, 1, 2),
    ("fish", "swimming"): (1, 1, 2, 3),
}
"""The number of subjects in a picture; the default is one."""

PAINTS = ("red", "yellow", "blue", "green", "orange", "turquoise")
COLOURS: dict[str, tuple[str, ...]] = {
    "dog": ("brown", "black", "white", "golden", "grey", "spotted"),
    "human": ("",),
    "cat": ("orange", "orange", "black", "white", "grey", "striped"),
    "horse": ("brown", "white", "black", "grey", "golden"),
    "bird": ("white", "red", "blue", "yellow", "black", "green"),
    "bird swimming": ("white", "green", "yellow", "black"),
    "boat": ("red", "blue", "green", "orange", "yellow", "purple"),
    "car": PAINTS,
    "bicycle": PAINTS,
    "elephant": ("grey", "grey", "brown"),
    "cow": ("black and white", "brown and white", "brown"),
    "sheep": ("white", "white", "black"),
    "fish": ("orange", "yellow", "red", "blue", "silver"),
}
KINDS: dict[str, tuple[str, ...]] = {
    "boat": ("sailing", "sailing", "sailing", "rowing", "steam"),
    "car": ("small", "van", "jeep"),
}
FEATURES: dict[str, tuple[str, ...]] = {
    "sand": ("palm trees", "parasol", "", "sandcastle"),
    "snow": ("fir trees", "snowflakes", "cabin"),
    "grass": ("flowers", "tree", "fence", ""),
    "water": ("mountains", "", "reeds", "trees"),
    "city": ("street lamps", "trees", "street lamps"),
    "forest": ("mushrooms", "path", "sunbeams"),
    "desert": ("cacti", "red rocks", "palm trees"),
    "mountains": ("fir trees", "rocks", "flowers"),
    "sky": ("", "balloon", ""),
    "underwater": ("coral", ""),
}
"""What else may stand in a place."""
