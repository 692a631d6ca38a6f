"""The exercises of each chapter: references, known mistakes, hints."""
