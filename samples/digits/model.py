"""Learns to read the hand-written digits that come with scikit-learn, and says what an image may be."""

import json

from sklearn.datasets import load_digits
from sklearn.svm import SVC

PIXELS = 64
BRIGHTEST = 16
MOST_IMAGES = 1024

# The rest is kept back, to tell how well the model reads digits it has not seen.
LEARN_FROM = 1400


class BadInput(ValueError):
    """A sentence for whoever sent the request."""


class DigitsModel:
    def __init__(self):
        images, digits = load_digits(return_X_y=True)
        # No randomness: the same data always give the same model.
        self._classifier = SVC(gamma=0.001).fit(images[:LEARN_FROM], digits[:LEARN_FROM])
        self.accuracy = self._classifier.score(images[LEARN_FROM:], digits[LEARN_FROM:])

    def predict(self, instances):
        return self._classifier.predict(instances).tolist()


def instances_of(body):
    """The images of a V1 request; raises BadInput with the field, what it may be and what it was."""
    if not isinstance(body, dict):
        raise BadInput(f"The body must be a JSON object, but was {_described(body)}.")
    if "instances" not in body:
        raise BadInput("instances is missing; it must be an array of images, each an array of 64 numbers.")

    instances = body["instances"]
    if not isinstance(instances, list) or not 1 <= len(instances) <= MOST_IMAGES:
        raise BadInput(f"instances must be an array of 1 to {MOST_IMAGES} images, but was {_described(instances)}.")

    for row, image in enumerate(instances):
        _check_image(f"instances[{row}]", image)
    return instances


def _check_image(path, image):
    if not isinstance(image, list) or len(image) != PIXELS:
        raise BadInput(f"{path} must be an array of {PIXELS} numbers (8 rows of 8 pixels), but was {_described(image)}.")

    for at, pixel in enumerate(image):
        is_number = isinstance(pixel, (int, float)) and not isinstance(pixel, bool)
        if not is_number or not 0 <= pixel <= BRIGHTEST:
            raise BadInput(f"{path}[{at}] must be a number from 0 to {BRIGHTEST}, but was {_described(pixel)}.")


def _described(value):
    if isinstance(value, list):
        return f"an array of {len(value)}"
    if isinstance(value, dict):
        return "an object"
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:40] + "…"
