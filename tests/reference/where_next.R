# lme4's answers to the models of chapter 14:  Rscript tests/reference/where_next.R FOLDER
# FOLDER holds the tables that where_next.py writes.
invisible(Sys.setlocale("LC_ALL", "C"))
here <- local({
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  if (length(file)) dirname(file) else "."
})
suppressMessages(library(lme4))
folder <- commandArgs(TRUE)[1]
table <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))
variances <- function(fit) {
  v <- as.data.frame(VarCorr(fit)); setNames(as.list(v$vcov), sub(":.*", "", v$grp))
}
odds <- glmer(low ~ desk + escs + (1 | school_id), table("usa"), family = binomial, nAGQ = 15)
record <- list(
  versions = list(R = as.character(getRversion()), lme4 = as.character(packageVersion("lme4"))),
  nested = variances(lmer(math ~ 1 + (1 | school / class_id), table("nested"))),
  crossed = variances(lmer(math ~ 1 + (1 | school) + (1 | hood), table("crossed"))),
  low = list(beta = as.list(fixef(odds)), se = as.list(sqrt(diag(as.matrix(vcov(odds))))),
             sigma_u = attr(VarCorr(odds)$school_id, "stddev")[[1]]))
write(jsonlite::toJSON(record, auto_unbox = TRUE, digits = 10, pretty = TRUE),
      file.path(here, "where_next.json"))
