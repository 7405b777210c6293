"""Speaks calls: a chime, then the sentence in Chinese and, if set, in English; from clips or from espeak-ng."""
