# lme4's answers on the course's simulated data:  Rscript tests/reference/pisa_like.R
# Runs the article's code on the files in hlmteach/data and writes pisa_like.json.
invisible(Sys.setlocale("LC_ALL", "C"))
here <- local({
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  if (length(file)) dirname(file) else "."
})
source(file.path(here, "common.R"))

shipped <- function(name) read.csv(
  gzfile(file.path(here, "../../hlmteach/data", paste0(name, ".csv.gz"))),
  colClasses = c(school_id = "character"), na.strings = "")
student <- shipped("pisa_like_students")
school <- shipped("pisa_like_schools")

# ---- the article's pipeline, escs kept -------------------------------------------------------
student_usa <- subset(student, country == "USA")
dt_school <- subset(school, country == "USA" & year == 2018)
dt_usa <- merge(student_usa, dt_school, by = "school_id")
dt_usa <- na.omit(dt_usa[, c("school_id", "math", "desk", "escs", "stratio")])

formulas <- c(
  rim0 = "math ~ 1 + (1|school_id)",
  rim1 = "math ~ 1 + desk + escs + (1|school_id)",
  rim2 = "math ~ 1 + desk + escs + stratio + (1|school_id)")

answers <- function(formula, data) {
  fit <- describe(fit_lmer(formula, data, TRUE), rows = FALSE, satterthwaite = FALSE)
  fit$nakagawa <- NULL
  c(list(formula = formula), fit)
}
as_printed <- function(formula) {
  # With lme4 alone and its defaults, as a reader of the article runs it.
  model <- lme4::lmer(as.formula(formula), data = dt_usa)
  as.list(capture.output(print(summary(model))))
}

write_json(list(
  versions = versions(),
  usa = lapply(formulas, answers, dt_usa),
  printed = lapply(formulas, as_printed),
  usa_without_extreme = answers(formulas[["rim2"]], subset(dt_usa, stratio <= 40)),
  countries = lapply(split(student, student$country), function(d) answers(formulas[["rim0"]], d))
), file.path(here, "pisa_like.json"))
