"""Trains a classifier for the handwritten digits that come with scikit-learn, and validates images."""

import json

from sklearn.datasets import load_digits
from sklearn.svm import SVC

PIXELS = 64
MAX_PIXEL = 16
MAX_IMAGES = 1024

# The other digits measure the accuracy on digits that the model was not trained on.
TRAINING_SIZE = 1400


class BadInput(ValueError):
    """The request is invalid; the message is a sentence for the client."""


class DigitsModel:
    def __init__(self):
        images, digits = load_digits(return_X_y=True)
        # Training is deterministic: the same data always give the same model.
        self._classifier = SVC(gamma=0.001).fit(images[:TRAINING_SIZE], digits[:TRAINING_SIZE])
        self.accuracy = self._classifier.score(images[TRAINING_SIZE:], digits[TRAINING_SIZE:])

    def predict(self, instances):
        return self._classifier.predict(instances).tolist()


def parse_instances(body):
    """Returns the images of a V1 request. Raises BadInput with the field, the allowed values and the given value."""
    if not isinstance(body, dict):
        raise BadInput(f"The body must be a JSON object, but was {_describe(body)}.")
    if "instances" not in body:
        raise BadInput("instances is missing; it must be an array of images, each an array of 64 numbers.")

    instances = body["instances"]
    if not isinstance(instances, list) or not 1 <= len(instances) <= MAX_IMAGES:
        raise BadInput(f"instances must be an array of 1 to {MAX_IMAGES} images, but was {_describe(instances)}.")

    for row, image in enumerate(instances):
        _check_image(f"instances[{row}]", image)
    return instances


def _check_image(path, image):
    if not isinstance(image, list) or len(image) != PIXELS:
        raise BadInput(f"{path} must be an array of {PIXELS} numbers (8 rows of 8 pixels), but was {_describe(image)}.")

    for at, pixel in enumerate(image):
        is_number = isinstance(pixel, (int, float)) and not isinstance(pixel, bool)
        if not is_number or not 0 <= pixel <= MAX_PIXEL:
            raise BadInput(f"{path}[{at}] must be a number from 0 to {MAX_PIXEL}, but was {_describe(pixel)}.")


def _describe(value):
    if isinstance(value, list):
        return f"an array of {len(value)}"
    if isinstance(value, dict):
        return "an object"
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:40] + "…"
