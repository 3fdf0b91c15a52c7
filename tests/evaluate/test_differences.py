from mlops_lib.evaluate.differences import recipe_differences
from mlops_lib.objects.recipe import Model, Recipe, Sampler, Selection, Treatment


def rows(first, second):
    return recipe_differences(first, second).set_index("field")


def test_fields_that_differ_come_first_and_settings_are_lines_of_their_own():
    base = Recipe(Model("lightgbm", (("n_estimators", 150),)), treatments=(Treatment("age", "median"),))
    other = Recipe(
        Model("lightgbm", (("n_estimators", 300),)), rung="selection + smote", selection=Selection(),
        sampler=Sampler("smote", (("k", 5),)), calibration="sigmoid",
    )  # fmt: skip
    table = rows(base, other)
    assert table.loc["Model: n estimators", ["first", "second"]].tolist() == ["150", "300"]
    assert table.loc["Sampler", ["first", "second"]].tolist() == ["–", "SMOTE"]
    assert table.loc["Sampler: k", "second"] == "5"
    assert table.loc["Feature selection: max p", ["first", "second"]].tolist() == ["–", "0.05"]
    assert table.loc["Treatment of age", ["first", "second"]].tolist() == ["median", "–"]
    assert not table.loc["Model", "differs"]
    assert table["differs"].tolist() == sorted(table["differs"], reverse=True)


def test_models_and_samplers_go_by_the_names_that_people_know():
    table = rows(Recipe(Model("random_forest")), Recipe(Model("easy_ensemble"), sampler=Sampler("tomek")))
    assert table.loc["Model", ["first", "second"]].tolist() == ["Random forest", "EasyEnsemble"]
    assert table.loc["Sampler", "second"] == "Tomek links"
    assert table.loc["Treatments", "first"] == "–"


def test_a_recipe_does_not_differ_from_itself():
    recipe = Recipe(Model("dummy"))
    assert not recipe_differences(recipe, recipe)["differs"].any()
