"""The words captions are made of.

Lists are separated by ``|``.  A verb is written ``running/runs/run``: the form after *is*, after
*a dog*, and after *two dogs*.
"""

from __future__ import annotations

NOUNS: dict[str, str] = {
    "dog": "dog|dog|dog|dog|dog|puppy|puppy|pup|hound",
    "cat": "cat|cat|cat|kitten|kitty",
    "horse": "horse|horse|horse|pony",
    "bird": "bird|bird|bird|songbird",
    "bird swimming": "duck|duck|bird|water bird",
    "cow": "cow",
    "sheep": "sheep",
    "elephant": "elephant",
    "fish": "fish",
    "bicycle": "bicycle|bike|bicycle",
    "boat sailing": "sailing boat|sailboat|boat|yacht",
    "boat rowing": "rowing boat|rowboat|small boat|boat",
    "boat steam": "steamboat|ship|boat|ferry",
    "car small": "car|car|small car",
    "car van": "van|camper van|car",
    "car jeep": "jeep|car|off-road car",
    "human man": "man|man|man|man|person|guy|human",
    "human woman": "woman|woman|woman|woman|person|lady|human",
    "human boy": "boy|boy|little boy|young boy|child|kid|human child",
    "human girl": "girl|girl|little girl|young girl|child|kid|human child",
}
PLURALS: dict[str, str] = {"puppy": "puppies", "sheep": "sheep", "fish": "fish", "kitty": "kitties",
                           "pony": "ponies"}  # fmt: skip

VERBS: dict[str, str] = {
    "running": "running/runs/run|running/runs/run|sprinting/sprints/sprint|racing/races/race|"
    "dashing/dashes/dash",
    "human running": "running/runs/run|running/runs/run|running/runs/run|jogging/jogs/jog|"
    "sprinting/sprints/sprint|racing/races/race",
    "dog running": "running/runs/run|running/runs/run|running/runs/run|racing/races/race|"
    "dashing/dashes/dash|bounding/bounds/bound|sprinting/sprints/sprint",
    "horse running": "running/runs/run|galloping/gallops/gallop|galloping/gallops/gallop|"
    "racing/races/race",
    "elephant running": "running/runs/run|charging/charges/charge|hurrying/hurries/hurry",
    "jumping": "jumping/jumps/jump|jumping/jumps/jump|leaping/leaps/leap",
    "sleeping": "sleeping/sleeps/sleep|sleeping/sleeps/sleep|napping/naps/nap|"
    "dozing/dozes/doze|lying asleep/lies asleep/lie asleep",
    "sitting": "sitting/sits/sit|sitting/sits/sit|sitting quietly/sits quietly/sit quietly|"
    "resting/rests/rest",
    "dog eating": "eating from a bowl/eats from a bowl/eat from a bowl|eating/eats/eat|"
    "eating its food/eats its food/eat their food",
    "cat eating": "eating a fish/eats a fish/eat a fish|eating/eats/eat|"
    "eating from a plate/eats from a plate/eat from a plate",
    "bird eating": "eating/eats/eat|pecking at seeds/pecks at seeds/peck at seeds|"
    "eating seeds/eats seeds/eat seeds",
    "eating": "eating/eats/eat|grazing/grazes/graze|eating grass/eats grass/eat grass|"
    "feeding/feeds/feed",
    "elephant eating": "eating/eats/eat|feeding/feeds/feed|"
    "eating with its trunk/eats with its trunk/"
    "eat with their trunks",
    "human eating 0": "eating an apple/eats an apple/eat|"
    "biting into an apple/bites into an apple/eat",
    "human eating 1": "eating ice cream/eats ice cream/eat|eating an ice cream cone/"
    "eats an ice cream cone/eat",
    "human eating 2": "eating a sandwich/eats a sandwich/eat|having a sandwich/has a sandwich/eat",
    "swimming": "swimming/swims/swim|swimming/swims/swim|gliding/glides/glide",
    "human swimming": "swimming/swims/swim|swimming/swims/swim|"
    "swimming front crawl/swims front crawl/swim",
    "dog swimming": "swimming/swims/swim|swimming/swims/swim|paddling/paddles/paddle",
    "bird swimming": "swimming/swims/swim|swimming/swims/swim|floating/floats/float|"
    "paddling/paddles/paddle",
    "dog playing": "playing with a ball/plays with a ball/play|playing with a red ball/"
    "plays with a red ball/play|playing/plays/play|chasing a ball/chases a ball/chase",
    "cat playing": "playing with a ball/plays with a ball/play|playing with a blue ball/"
    "plays with a blue ball/play|playing/plays/play|chasing a ball/chases a ball/chase",
    "human playing 0": "playing with a ball/plays with a ball/play|"
    "kicking a ball/kicks a ball/kick|"
    "playing football/plays football/play|playing with a red ball/plays with a red ball/play",
    "human playing 1": "playing with a ball/plays with a ball/play|"
    "throwing a ball/throws a ball/throw|"
    "playing catch with a ball/plays catch with a ball/play|"
    "catching a red ball/catches a red ball/play",
    "walking": "walking/walks/walk|walking/walks/walk|strolling/strolls/stroll|"
    "wandering/wanders/wander",
    "human walking": "walking/walks/walk|walking/walks/walk|strolling/strolls/stroll|"
    "hiking/hikes/hike",
    "dog walking": "walking/walks/walk|walking/walks/walk|trotting/trots/trot|"
    "wandering/wanders/wander",
    "human riding": "riding a bicycle/rides a bicycle/ride|riding a bike/rides a bike/ride|"
    "cycling/cycles/cycle|riding {paint} bike/rides {paint} bike/ride",
    "flying": "flying/flies/fly|flying/flies/fly|soaring/soars/soar|gliding/glides/glide",
    "boat sailing": "sailing/sails/sail|sailing/sails/sail|cruising/cruises/cruise|"
    "drifting/drifts/drift",
    "boat rowing": "floating/floats/float|drifting/drifts/drift|bobbing/bobs/bob",
    "boat steam": "sailing/sails/sail|steaming/steams/steam|cruising/cruises/cruise",
    "driving": "driving/drives/drive|driving/drives/drive|speeding/speeds/speed|"
    "travelling/travels/travel",
    "standing": "standing/stands/stand|standing/stands/stand|"
    "standing still/stands still/stand still",
    "bicycle standing": "parked/stands parked/stand|standing/stands/stand|"
    "left standing/stands/stand|leaning on its stand/leans on its stand/lean",
    "elephant bathing": "bathing/bathes/bathe|standing/stands/stand|"
    "taking a bath/takes a bath/bathe|"
    "splashing about/splashes about/splash about",
}

MOVING: dict[str, str] = {
    "sand": "through the sand|across the sand|along the beach|on the beach|over the sandy beach|"
    "along the shore|on the sand by the sea|down a sandy beach|through the sand at the seaside",
    "desert": "through the desert|across the desert sand|over the sand dunes|through the hot sand|"
    "across a sandy desert|among the dunes",
    "snow": "through the snow|across the snow|over a snowy field|through deep snow|in the snow|"
    "across a white winter field|down a snowy slope",
    "grass": "through the grass|across the grass|over a green meadow|across a grassy field|"
    "on the grass|through the meadow|over the green lawn",
    "water": "in the lake|through the water|in the water|across the lake|in calm water",
    "city": "down the street|along a city street|through the city|past colourful houses|"
    "along the road in town|through town",
    "forest": "through the forest|through the woods|between the trees|in the forest|"
    "past tall trees in the woods",
    "mountains": "in the mountains|across a mountain meadow|past snowy mountains|"
    "below the mountains|through a mountain valley",
    "sky": "through the sky|in the sky|across the sky|high in the air|above the hills",
}
RESTING: dict[str, str] = {
    "sand": "on the sand|on the beach|on a sandy beach|in the sand|on the shore|by the sea|"
    "in the sand at the seaside",
    "desert": "in the desert|in the desert sand|on a sand dune|in the hot sand|among the dunes",
    "snow": "in the snow|on the snowy ground|in a snowy field|in a white winter field|"
    "in deep snow|on a snowy slope",
    "grass": "in the grass|on the grass|in a green meadow|in a grassy field|on the green lawn|"
    "in the meadow",
    "water": "on the lake|in the water|in the lake|on the water|in calm water",
    "city": "on the street|in the city|on a city street|in front of colourful houses|"
    "at the roadside in town",
    "forest": "in the forest|in the woods|among the trees|under tall trees|on the forest floor",
    "mountains": "in the mountains|on a mountain meadow|in front of snowy mountains|"
    "in a mountain valley",
    "sky": "in the sky|high in the sky|up in the air|above the hills",
}
FLYING: dict[str, str] = {
    "sand": "over the beach|above the sand|over the sandy shore|over the sea shore",
    "desert": "over the desert|above the sand dunes",
    "snow": "over the snow|above a snowy field|over the white snow",
    "water": "over the lake|over the water|above the calm water|across the lake",
    "city": "over the city|above the street|past the houses of the city|over the town",
    "mountains": "over the mountains|past snowy mountains|above a mountain meadow",
    "sky": MOVING["sky"],
}
BOATING = "on the lake|across the lake|on the water|over the calm water|across the water"
BATHING = "in the lake|in the water|in calm water|in a lake"
LEAPING_OUT = "out of the water|out of the lake|above the water"
UNDER_WATER = (
    "in the sea|under water|through the blue water|in the water|deep under the sea|"
    "among water plants"
)
PERCHED: dict[str, str] = {
    "forest": "on a branch in the forest|on a branch among the trees|on a twig in the woods",
    "snow": "on a branch in the snow|on a branch above the snow|on a twig in a snowy field",
    "grass": "on a branch above the grass|on a branch in the meadow|on a twig by a green field",
}

LIGHTS: dict[str, str] = {
    "day": "on a sunny day|under a blue sky|in the sunshine|in bright daylight|on a clear day",
    "sunset": "at sunset|in the evening light|as the sun goes down|under a glowing evening sky|"
    "at dusk",
    "night": "at night|under the stars|in the moonlight|under a starry sky|on a clear night",
}
SHELTERED: dict[str, str] = {
    "day": "on a bright day|during the day|in the daytime",
    "sunset": "in the evening|in the evening light|at dusk",
    "night": "at night|in the dark of night|late at night",
}
"""Times of day where no sky is seen."""
SKIES: dict[str, str] = {
    "day": "blue sky|bright sun|sunshine",
    "sunset": "evening sky|setting sun|glowing sky",
    "night": "dark sky|stars|moonlight",
}

FEATURES: dict[str, str] = {
    "palm trees": "near palm trees|beside the palm trees|close to some palms",
    "desert palm trees": "near a palm tree|beside a lone palm tree",
    "parasol": "near a parasol|next to a beach umbrella|beside a striped parasol",
    "sandcastle": "next to a sandcastle|near a sandcastle with a red flag",
    "fir trees": "near fir trees|in front of fir trees|with fir trees behind",
    "cabin": "near a wooden cabin|with a log cabin in the background|close to a small cabin",
    "snowflakes": "while snow is falling|as snowflakes fall|during a snowfall",
    "flowers": "among colourful flowers|with flowers all around|between blooming flowers",
    "tree": "near a big tree|beside a tree|close to a round tree",
    "fence": "in front of a white fence|by a white fence|along a white wooden fence",
    "mountains": "with mountains in the background|in front of tall mountains",
    "reeds": "near the reeds|with reeds at the side",
    "trees": "near some trees|with green trees at the side",
    "water trees": "with fir trees on the far shore|in front of a row of fir trees",
    "street lamps": "between street lamps|past the street lamps|under the street lamps",
    "mushrooms": "near red mushrooms|with red mushrooms around",
    "path": "along a path|on a winding path",
    "sunbeams": "with rays of light between the trunks|in soft rays of light",
    "cacti": "near a tall cactus|with cacti around|beside a green cactus",
    "red rocks": "with red rocks in the background|in front of red rocks",
    "rocks": "near a grey rock|beside a large rock",
    "balloon": "with a hot-air balloon in the distance|near a hot-air balloon",
    "coral": "above bright coral|near colourful coral",
}

MANNERS: dict[str, str] = {
    "dog running": "with its ears flying|with its tongue out|at full speed|as fast as it can",
    "dog jumping": "high into the air|with its ears flying|full of joy",
    "dog sleeping": "peacefully with its eyes closed|flat on its belly|with its head on its paws",
    "dog sitting": "with its tongue out|looking ahead|waiting for its owner",
    "dog eating": "hungrily|with its nose close to the red bowl",
    "dog swimming": "with only its back and head showing|with its head up",
    "dog playing": "with its tail in the air|full of joy|happily",
    "dog walking": "with its tail up|all alone|calmly",
    "cat running": "with its tail up|at full speed|with wide open eyes",
    "cat jumping": "with its paws stretched out|high into the air",
    "cat sleeping": "curled up in a ball|with its eyes closed|peacefully",
    "cat sitting": "staring at us|with its tail curled|looking around",
    "cat eating": "with its eyes closed|hungrily",
    "cat playing": "with one paw in the air|happily|full of joy",
    "cat walking": "with its tail up|all alone",
    "horse running": "with its mane flying|at full speed|with its tail streaming",
    "horse jumping": "high into the air|with its front legs up",
    "horse standing": "with its head up|all alone",
    "horse eating": "with its head down|calmly",
    "horse walking": "calmly|all alone",
    "bird flying": "with its wings spread|flapping its wings",
    "bird sitting": "all alone|looking around",
    "bird swimming": "calmly|leaving small waves behind",
    "bird eating": "with its head down|hungrily",
    "bird standing": "on thin legs|looking around",
    "boat sailing": "with its white and {colour} sails up|with a flag on its mast|in a light wind",
    "boat rowing": "with nobody in it|with its oars out",
    "boat steam": "with smoke rising from its funnel|with round windows",
    "car small": "at high speed|with round headlights",
    "car van": "with luggage on the roof|with bags on its white roof",
    "car jeep": "with a spare wheel at the back|with a roof rack",
    "bicycle standing": "with flowers in its basket|with a brown saddle|without a rider",
    "elephant walking": "with heavy steps|with its big ears|calmly",
    "elephant standing": "with its trunk raised|with its big ears",
    "elephant bathing": "with its trunk raised|up to its belly",
    "elephant running": "with its trunk raised|with heavy steps",
    "elephant eating": "with its trunk curled|calmly",
    "cow eating": "with its head down|calmly",
    "cow standing": "with its head up|calmly",
    "cow sleeping": "with its legs folded|peacefully",
    "cow walking": "all alone|calmly",
    "sheep eating": "with its head down|calmly",
    "sheep standing": "in its thick wool|calmly",
    "sheep sleeping": "peacefully|with its eyes closed",
    "sheep walking": "all alone|in its thick wool",
    "fish swimming": "past green water plants|calmly|with big round eyes",
    "fish jumping": "with a big splash|high into the air",
    "human running": "at full speed|with swinging arms|as fast as possible",
    "human jumping": "with both arms in the air|for joy|high into the air",
    "human sleeping": "on a blanket|on a striped blanket with a white pillow|with eyes closed",
    "human sitting": "on the ground|looking into the distance|all alone",
    "human eating": "on the ground|during a picnic|with a smile",
    "human swimming": "with one arm out of the water|fast|with strong strokes",
    "human playing": "with a big smile|happily|full of joy",
    "human walking": "all alone|with a smile|calmly",
    "human riding": "at high speed|with both hands on the handlebar|happily",
}
