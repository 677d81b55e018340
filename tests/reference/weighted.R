# Weighted random intercept models, evaluated another way:  Rscript tests/reference/weighted.R
# A group's pseudo-likelihood is written as a multivariate normal density with variances s / w on
# the diagonal, maximised by optim, and differentiated by numDeriv for the sandwich. Before it is
# trusted here it has to give the log-likelihoods that R's WeMix publishes for lme4's sleepstudy
# (tests/testthat/test-1-main.R of WeMix 3 and 4; its authors found them with Stata and gllamm too).
# R needs lme4, lmerTest, survey, numDeriv; on Debian r-cran-*.
invisible(Sys.setlocale("LC_ALL", "C"))
here <- local({
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  if (length(file)) dirname(file) else "."
})
source(file.path(here, "common.R"))
suppressPackageStartupMessages(library(survey))

group_loglik <- function(par, X, y, w) {
  # par: beta, log v, log s
  p <- ncol(X); v <- exp(par[p + 1]); s <- exp(par[p + 2])
  U <- chol(v + diag(s / w, length(y)))
  r <- backsolve(U, y - X %*% par[1:p], transpose = TRUE)
  normal <- -sum(r^2) / 2 - sum(log(diag(U))) - length(y) / 2 * log(2 * pi)
  normal - sum((w - 1) / 2 * log(2 * pi * s)) - sum(log(w)) / 2
}

fit_weighted <- function(formula, data, group, w, g, strata = NULL) {
  X <- model.matrix(formula, data); y <- model.response(model.frame(formula, data))
  rows <- split(seq_along(y), data[[group]])
  g <- sapply(rows, function(i) g[i[1]])
  each <- function(par) sapply(rows, function(i)
    group_loglik(par, X[i, , drop = FALSE], y[i], w[i]))
  total <- function(par) sum(g * each(par)) / mean(g)
  start <- c(coef(lm.fit(X, y)), log(var(y) * c(.2, .8)))
  low <- function(par) tryCatch(-total(par), error = function(e) 1e10)
  best <- optim(start, low, method = "BFGS",
                control = list(maxit = 500, reltol = 1e-14, parscale = pmax(abs(start), 1)))
  par <- best$par
  for (k in 1:4) par <- par - solve(numDeriv::hessian(total, par), numDeriv::grad(total, par))
  H <- -numDeriv::hessian(total, par) * mean(g)
  scores <- numDeriv::jacobian(each, par) * g
  h <- if (is.null(strata)) rep(1, length(rows)) else sapply(rows, function(i) strata[i[1]])
  meat <- Reduce(`+`, lapply(split(seq_along(rows), h), function(k) {
    s <- scale(scores[k, ], scale = FALSE); length(k) / (length(k) - 1) * crossprod(s) }))
  cov <- solve(H) %*% meat %*% solve(H)
  p <- ncol(X); variances <- unname(exp(par[p + 1:2]))
  list(beta = par[1:p], se = setNames(sqrt(diag(cov))[1:p], colnames(X)),
       cov_beta = unname(cov[1:p, 1:p]), variances = variances,
       se_variances = variances * sqrt(diag(cov))[p + 1:2], loglik = total(par) * mean(g))
}

# ---- published numbers -----------------------------------------------------------------------
data(sleepstudy, package = "lme4")
twice <- ifelse(sleepstudy$Subject %in% c(308, 309, 310), 2, 1)
rows <- fit_weighted(Reaction ~ Days, sleepstudy, "Subject", twice, rep(1, 180))
groups <- fit_weighted(Reaction ~ Days, sleepstudy, "Subject", rep(1, 180), twice)
stopifnot(abs(rows$loglik + 1048.34318418762) < 1e-6,
          abs(groups$loglik + 1055.34690957995) < 1e-6)

# ---- the course's simulated data -------------------------------------------------------------
shipped <- function(name) read.csv(
  gzfile(file.path(here, "../../hlmteach/data", paste0(name, ".csv.gz"))),
  colClasses = c(country = "character", school_id = "character"))
data <- merge(shipped("pisa_like_students"), shipped("pisa_like_schools"),
              by = c("year", "country", "school_id"))
data <- data[data$country == "USA" & !is.na(data$escs), ]
sum_by <- function(x) ave(x, data$school_id, FUN = sum)
w <- data$stu_wgt / data$sch_wgt
scaled <- list(none = w, size = w * sum_by(0 * w + 1) / sum_by(w),
               effective = w * sum_by(w) / sum_by(w^2))
fits <- lapply(scaled, function(w) fit_weighted(math ~ escs, data, "school_id", w, data$sch_wgt))
strata <- fit_weighted(math ~ escs, data, "school_id", scaled$size, data$sch_wgt, data$stratum)

# Without variance between groups the model is a weighted regression, the sandwich survey's.
data$w <- scaled$size * data$sch_wgt
mean_by <- sum_by(data$w * data$math) / sum_by(data$w)
data$flat <- data$math - mean_by
design <- function(...) svydesign(ids = ~school_id, weights = ~w, data = data, nest = TRUE, ...)
regression <- function(d) { m <- svyglm(flat ~ escs, d)
  list(beta = coef(m), se = sqrt(diag(vcov(m))), n_strata = length(unique(d$strata[, 1]))) }
write_json(list(
  formula = "math ~ escs + (1 | school_id)", n = nrow(data),
  sleepstudy = list(twice_rows = rows, twice_groups = groups),
  fits = fits, strata = strata,
  svyglm = list(no_strata = regression(design()), strata = regression(design(strata = ~stratum))),
  versions = c(versions(), list(survey = as.character(packageVersion("survey"))))),
  file.path(here, "weighted.json"))
