from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from ansa_train.evaluate.linear_classifier import Scaling, train_head


def test_every_tag_gets_the_logistic_regression_it_would_get_alone() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(2.0, 3.0, (200, 6))
    truth = x @ rng.normal(size=(6, 3)) + rng.normal(0, 4, (200, 3)) > 4
    head = train_head(x, truth, 0.1)
    for tag in range(3):
        alone = LogisticRegression(C=1 / (0.1 * 200), tol=1e-8).fit(Scaling.of(x)(x), truth[:, tag])
        np.testing.assert_allclose(head.weights[:, tag], alone.coef_[0], atol=0.01)
        np.testing.assert_allclose(head.bias[tag], alone.intercept_[0], atol=0.01)


def test_where_it_starts_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    x, truth = rng.normal(size=(100, 4)), rng.random((100, 2)) < 0.3
    cold = train_head(x, truth, 0.03)
    warm = train_head(x, truth, 0.03, start=train_head(x, truth, 1.0))
    np.testing.assert_allclose(cold(x), warm(x), atol=0.02)


def test_features_that_never_change_and_tags_of_all_or_none_do_no_harm() -> None:
    x = np.column_stack([np.arange(10.0), np.full(10, 7.0)])
    truth = np.column_stack([np.ones(10, bool), np.zeros(10, bool)])
    logits = train_head(x, truth, 0.1)(x)
    assert np.isfinite(logits).all()
    assert (logits[:, 0] > 0).all()
    assert (logits[:, 1] < 0).all()
