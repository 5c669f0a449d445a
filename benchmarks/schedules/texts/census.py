"""Predict whether a person's income is above 50K (UCI Adult)."""
from sklearn.linear_model import LogisticRegression

data = FileSource(train="adult/adult.data", test="adult/adult.test")
rows = CSVScanner(data, columns=[
    "age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation",
    "relationship", "race", "sex", "capital_gain", "capital_loss", "hours_per_week",
    "native_country", "target"], na="?", strip=True, comment="|")

education  = Field(rows, "education")
occupation = Field(rows, "occupation")
age_bucket = Bucketizer(Field(rows, "age"), bins=10)
edu_x_occ  = Interaction(education, occupation)
loss       = Scale(Field(rows, "capital_loss"), method="maxabs")


def over_50k(income):
    return int(income.rstrip(".") == ">50K")


target = Extractor(Field(rows, "target"), over_50k, each="value")

income      = Examples(rows, features=[education, occupation, age_bucket, edu_x_occ, loss], label=target)
model       = Learner(income, LogisticRegression(C=1.0, max_iter=200))
predictions = Predict(model, income)

accuracy = Accuracy(predictions)

Output(accuracy)
