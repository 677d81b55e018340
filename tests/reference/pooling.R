# Rubin's rules by R:  Rscript tests/reference/pooling.R
# Ten plausible values of the course's simulated American data, a random intercept model by lmer
# for each; pooled by mice (pool.scalar), mitools (MIcombine) and mitml (testEstimates).
# mitools is asked for Rubin's df only: for Barnard & Rubin's it leaves (1 + 1/m) out of lambda.
# R needs lme4, lmerTest, mice, mitools, mitml; on Debian r-cran-*.
invisible(Sys.setlocale("LC_ALL", "C"))
here <- local({
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  if (length(file)) dirname(file) else "."
})
source(file.path(here, "common.R"))
suppressPackageStartupMessages({ library(mice); library(mitools); library(mitml) })

shipped <- function(name) read.csv(
  gzfile(file.path(here, "../../hlmteach/data", paste0(name, ".csv.gz"))),
  colClasses = c(country = "character", school_id = "character"))
key <- c("year", "country", "school_id", "student_id")
data <- merge(shipped("pisa_like_students"), shipped("pisa_like_pv"), by = key)
data <- data[data$country == "USA" & !is.na(data$escs), ]

fits <- lapply(1:10, function(k)
  fit_lmer(paste0("pv", k, "math ~ escs + (1 | school_id)"), data, TRUE))
Q <- sapply(fits, fixef); V <- lapply(fits, function(f) as.matrix(vcov(f)))
U <- sapply(V, diag)
nu <- rowMeans(sapply(fits, function(f) satterthwaite_of(f)$df))

scalar <- function(i, dfcom, rule) {
  # mice takes the complete-data df as n - k.
  p <- pool.scalar(Q[i, ], U[i, ], n = dfcom + 1, k = 1, rule = rule)
  p[c("qbar", "ubar", "b", "t", "df", "r", "fmi")]
}
both <- function(dfcom) setNames(lapply(rownames(Q), function(i)
  scalar(i, if (length(dfcom) > 1) dfcom[[i]] else dfcom, "rubin1987")), rownames(Q))
combined <- MIcombine(lapply(1:10, function(k) Q[, k]), V)
tested <- testEstimates(fits, extra.pars = TRUE)
pars <- tested$extra.pars[, 1]

write_json(list(
  formula = "pv1math ~ escs + (1 | school_id)", n = nrow(data), complete_df = nu,
  mice_barnard_rubin = both(as.list(nu)), mice_rubin = both(Inf),
  mitools = list(estimate = coef(combined), se = sqrt(diag(vcov(combined))), df = combined$df,
                 vcov = unname(vcov(combined)), fmi = combined$missinfo),
  mitml = list(names = names(pars), values = unname(pars),
               estimate = tested$estimates[, 1], se = tested$estimates[, 2],
               df = tested$estimates[, 4], riv = tested$estimates[, 6],
               fmi = tested$estimates[, 7]),
  versions = c(versions(), list(mice = as.character(packageVersion("mice")),
    mitools = as.character(packageVersion("mitools")),
    mitml = as.character(packageVersion("mitml"))))), file.path(here, "pooling.json"))
