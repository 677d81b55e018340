# lme4's answers on PISA 2003:  Rscript tests/reference/pisa.R FOLDER
# FOLDER holds learningtower's student_2003.rds and school.rda. No row of them is written; only
# results are: pisa2003/usa.json, countries.json, whole.json.
invisible(Sys.setlocale("LC_ALL", "C"))
here <- local({
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  if (length(file)) dirname(file) else "."
})
source(file.path(here, "common.R"))

folder <- commandArgs(TRUE)[1]
if (is.na(folder)) stop("name the folder with student_2003.rds and school.rda")
students <- as.data.frame(readRDS(file.path(folder, "student_2003.rds")))
load(file.path(folder, "school.rda"))
schools <- as.data.frame(school)[, c("year", "country", "school_id", "stratio")]
students$country <- as.character(students$country)
columns <- c("year", "country", "school_id", "math", "desk", "escs")

small <- function(formula, data, reml, ...) {
  # A table of its own for every model: its own complete cases.
  needed <- data[, all.vars(as.formula(formula))]
  fit <- fit_lmer(formula, needed, reml)
  out <- describe(fit, rows = FALSE, default = fit_lmer(formula, needed, reml, default = TRUE), ...)
  c(list(formula = formula), out)
}

both <- function(formula, data, ...) list(
  reml = small(formula, data, TRUE, ...), ml = small(formula, data, FALSE, ...))

# ---- the United States, the article's pipeline -------------------------------------------------
usa <- subset(students, country == "USA")[, columns]
usa <- na.omit(merge(usa, schools, by = c("year", "country", "school_id")))
usa <- usa[order(usa$school_id), ]
stopifnot(nrow(usa) == 4311, length(unique(usa$school_id)) == 219)
formulas <- c(
  rim0 = "math ~ 1 + (1 | school_id)",
  rim1 = "math ~ desk + escs + (1 | school_id)",
  rim2 = "math ~ desk + escs + stratio + (1 | school_id)",
  slope1 = "math ~ desk + escs + (1 + escs | school_id)",
  slope1_uncorrelated = "math ~ desk + escs + (1 + escs || school_id)",
  slope2 = "math ~ escs * stratio + (1 + escs | school_id)")
record <- list(
  rows = "PISA 2003, USA, complete on math, desk, escs, stratio; joined by year, country, school",
  versions = versions())
for (name in names(formulas)) {
  record[[name]] <- both(formulas[[name]], usa)
  if (name %in% c("rim0", "rim2"))
    record[[name]]$ml$confint <- intervals(fit_lmer(formulas[[name]], usa, FALSE))
}
ml_fits <- lapply(formulas, fit_lmer, data = usa, reml = FALSE)
chain <- quietly(anova(ml_fits$rim0, ml_fits$rim1, ml_fits$rim2))
record$anova_rims <- list(models = c("rim0", "rim1", "rim2"), n_parameters = chain$npar,
  loglik = chain$logLik, aic = chain$AIC, bic = chain$BIC,
  chisq = chain$Chisq, df = chain$Df, p = chain[["Pr(>Chisq)"]])
write_json(record, file.path(here, "pisa2003", "usa.json"))

# ---- every country ---------------------------------------------------------------------------------
record <- list(rows = "PISA 2003, each country: all rows complete on the model's columns",
               versions = versions(), countries = list())
for (code in sort(unique(students$country))) {
  cat(code, "")
  data <- subset(students, country == code)
  keep <- c("formula", "n", "n_groups", "beta", "se", "varcorr", "sigma_e", "theta", "criterion",
            "singular", "satterthwaite", "default_optimiser")
  one <- list(null = both(formulas[["rim0"]], data), desk_escs = both(formulas[["rim1"]], data),
              slope = list(reml = small(formulas[["slope1"]], data, TRUE)))
  record$countries[[code]] <- lapply(one, lapply, `[`, keep)
}
cat("\n")
write_json(record, file.path(here, "pisa2003", "countries.json"))

# ---- the whole file --------------------------------------------------------------------------------
students$group <- paste(students$country, students$school_id, sep = ":")
write_json(list(
  rows = "PISA 2003, all countries; group = country:school_id", versions = versions(),
  null = both("math ~ 1 + (1 | group)", students),
  desk_escs = both("math ~ desk + escs + (1 | group)", students)
), file.path(here, "pisa2003", "whole.json"))
