# What R does in a race. Reads one command a line, answers one line: "seconds key=v,v,v key=v,v".
# Commands: load <name> <csv> | fit <name> <reml> <formula> | test <name> <formula>
#           | refit <name> <count> <formula> | versions
suppressPackageStartupMessages(library(lme4))
tables <- list()

said <- function(elapsed, ...) {
  parts <- list(...)
  text <- vapply(names(parts), function(key)
    paste0(key, "=", paste(sprintf("%.17g", parts[[key]]), collapse = ",")), "")
  cat(sprintf("%.9f", elapsed), text, "\n")
}
timed <- function(expression) {
  start <- Sys.time()
  value <- force(expression)
  list(seconds = as.numeric(Sys.time() - start, units = "secs"), value = value)
}
variances <- function(fit) {
  v <- as.data.frame(VarCorr(fit))
  v$vcov[is.na(v$var2)]
}
estimates <- function(fit) list(
  beta = fixef(fit), se = sqrt(diag(as.matrix(vcov(fit)))), variance = variances(fit),
  criterion = if (isREML(fit)) REMLcrit(fit) else deviance(fit))

answer <- function(words) {
  rest <- function(from) as.formula(paste(words[from:length(words)], collapse = " "))
  if (words[1] == "load") {
    path <- paste(words[3:length(words)], collapse = " ")
    tables[[words[2]]] <<- read.csv(path, stringsAsFactors = TRUE)
    return(said(0))
  }
  if (words[1] == "versions") {
    test <- if (requireNamespace("lmerTest", quietly = TRUE))
      as.character(packageVersion("lmerTest")) else "none"
    return(cat(0, paste0("R=", getRversion()), paste0("lme4=", packageVersion("lme4")),
               paste0("lmerTest=", test), "\n"))
  }
  data <- tables[[words[2]]]
  if (words[1] == "fit") {
    f <- rest(4)
    run <- timed({
      fit <- suppressMessages(suppressWarnings(lmer(f, data, REML = words[3] == "TRUE")))
      sqrt(diag(as.matrix(vcov(fit))))
      fit
    })
    return(do.call(said, c(list(run$seconds), estimates(run$value))))
  }
  if (words[1] == "test") {
    f <- rest(3)
    run <- timed(summary(suppressMessages(suppressWarnings(lmerTest::lmer(f, data)))))
    table <- run$value$coefficients
    return(said(run$seconds, beta = table[, 1], se = table[, 2], df = table[, 3]))
  }
  if (words[1] == "refit") {
    # Columns y1, y2, ... are other outcomes of the design; the first fit is not timed.
    f <- rest(4)
    fit <- suppressMessages(suppressWarnings(lmer(f, data)))
    many <- as.integer(words[3])
    run <- timed(lapply(seq_len(many), function(k)
      suppressMessages(suppressWarnings(refit(fit, data[[paste0("y", k)]])))))
    each <- lapply(run$value, estimates)
    pick <- function(key) unlist(lapply(each, `[[`, key))
    return(said(run$seconds, beta = pick("beta"), se = pick("se"), variance = pick("variance")))
  }
}

connection <- file("stdin")
open(connection)
while (length(line <- readLines(connection, 1)) > 0) answer(strsplit(line, " ")[[1]])
