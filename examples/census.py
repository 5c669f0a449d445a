"""Predict whether a person's income is above 50K (UCI Adult)."""
from sklearn.linear_model import LogisticRegression

data = FileSource(train="adult/adult.data", test="adult/adult.test")
rows = CSVScanner(data, columns=[
    "age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation",
    "relationship", "race", "sex", "capital_gain", "capital_loss", "hours_per_week",
    "native_country", "target"], na="?", strip=True, comment="|")

age        = Field(rows, "age")
education  = Field(rows, "education")
occupation = Field(rows, "occupation")
loss       = Scale(Field(rows, "capital_loss"))
age_bucket = Bucketizer(age, bins=10)
edu_x_occ  = Interaction(education, occupation)

def over_50k(batch):                       # a user function: a pandas DataFrame in, a Series out
    return batch["target"].str.contains(">50K").astype("int8")

target = Extractor(rows, over_50k)

income      = Examples(rows, features=[education, age_bucket, edu_x_occ, loss], label=target)
model       = Learner(income, LogisticRegression(C=1.0, max_iter=200))
predictions = Predict(model, income)

accuracy = Accuracy(predictions)
auc      = RocAuc(predictions)

Output(accuracy, auc)
