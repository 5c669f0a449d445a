"""Workflows that the browser's tests open: small ones, which need no data beyond scikit-learn's own."""

SMALL = '''"""How many irises are wide."""
data = Dataset("iris")
width = Field(data, "sepal width (cm)")

wide = Bucketizer(width, bins=3)
size = Reducer(wide, lambda rows: len(rows))

Output(size)
'''

STEPS = 40

STEADY = f'''"""Prints a line now and then, for some seconds."""
import time

data = Dataset("iris")

def walk(batch):
    for step in range({STEPS}):
        print("step", step)
        time.sleep(0.1)
    return batch["target"]

target = Extractor(data, walk, each="split")
size = Reducer(target, lambda rows: len(rows))

Output(size)
'''
