"""The need list 需求清单: from what residents said to the scene that answers it, traceable both ways."""
