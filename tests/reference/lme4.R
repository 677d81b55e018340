# lme4's answers to every case of cases.json:  Rscript tests/reference/lme4.R [case ...]
# Writes lme4/<case>.json and, without arguments, lme4/comparisons.json.
invisible(Sys.setlocale("LC_ALL", "C"))
here <- local({
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  if (length(file)) dirname(file) else "."
})
source(file.path(here, "common.R"))

PROFILED <- c("base", "null", "factor3", "singular", "two_groups", "slopes_base",
              "slopes_uncorrelated")

read_table <- function(stem) {
  data <- read.csv(file.path(here, "data", paste0(stem, ".csv")), na.strings = "")
  for (column in intersect(c("g", "f", "h"), names(data))) data[[column]] <- factor(data[[column]])
  data
}

run_case <- function(case) {
  data <- read_table(case$data)
  record <- list(case = case$name, data = case$data, formula = case$formula,
                 r_formula = case$r_formula, note = case$note, versions = versions())
  for (reml in c(TRUE, FALSE)) {
    fit <- fit_lmer(case$r_formula, data, reml)
    out <- describe(fit, default = fit_lmer(case$r_formula, data, reml, default = TRUE))
    if (case$name %in% PROFILED) out$confint <- intervals(fit, profile = !reml)
    record[[if (reml) "reml" else "ml"]] <- out
  }
  write_json(record, file.path(here, "lme4", paste0(case$name, ".json")))
}

anova_record <- function(data, small, large) {
  table <- read_table(data)
  a <- fit_lmer(small, table, FALSE); b <- fit_lmer(large, table, FALSE)
  rows <- quietly(anova(a, b))
  list(data = data, small = small, large = large, loglik = rows$logLik, aic = rows$AIC,
       bic = rows$BIC, n_parameters = rows$npar, chisq = rows$Chisq[2], df = rows$Df[2],
       p = rows[["Pr(>Chisq)"]][2])
}

ranova_record <- function(data, formula) {
  # lmerTest::ranova: drop the random intercept, REML; its p-value is not halved.
  fit <- fit_lmer(formula, read_table(data), TRUE)
  rows <- quietly(ranova(fit))
  list(data = data, formula = formula, loglik = rows$logLik, n_parameters = rows$npar,
       chisq = rows$LRT[2], df = rows$Df[2], p = rows[["Pr(>Chisq)"]][2])
}

wanted <- commandArgs(TRUE)
cases <- jsonlite::fromJSON(file.path(here, "cases.json"), simplifyDataFrame = FALSE)
for (case in cases) if (!length(wanted) || case$name %in% wanted) {
  cat(case$name, "\n")
  run_case(case)
}
if (!length(wanted)) write_json(list(
  versions = versions(),
  null_vs_x_z = anova_record("base", "y ~ 1 + (1 | g)", "y ~ x + z + (1 | g)"),
  x_vs_x_f = anova_record("base", "y ~ x + (1 | g)", "y ~ x + f + (1 | g)"),
  intercept_vs_slope = anova_record("slopes", "y ~ x + z + (1 | g)", "y ~ x + z + (1 + x | g)"),
  uncorrelated_vs_correlated = anova_record("slopes", "y ~ x + z + (1 + x || g)",
                                            "y ~ x + z + (1 + x | g)"),
  ranova_base = ranova_record("base", "y ~ x + z + (1 | g)"),
  ranova_singular = ranova_record("singular", "y ~ x + z + (1 | g)")
), file.path(here, "lme4", "comparisons.json"))
