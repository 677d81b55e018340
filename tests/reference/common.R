# What lme4.R, pisa.R and textbook.R share: a patient optimiser, a record of a fit, a JSON writer.
suppressPackageStartupMessages({
  library(lme4)
  library(lmerTest)
})

# ---- the optimiser -------------------------------------------------------------------------
# lme4's default stops when the criterion moves by less than about 1e-8, which leaves variances
# good to four or five digits. Here: several starts, several optimisers, then Newton steps on
# numerical derivatives; the best criterion wins.

newton_polish <- function(fn, par, lower) {
  # Parameters on their bound stay there; steps that do not shorten the gradient are refused.
  free <- which(par > lower + 1e-7 | !is.finite(lower))
  at <- function(v) { p <- par; p[free] <- v; fn(p) }
  slope <- function(v) tryCatch(numDeriv::grad(at, v), error = function(e) rep(Inf, length(v)))
  if (!length(free)) return(par)
  now <- par[free]; g <- slope(now)
  for (i in 1:8) {
    if (!all(is.finite(g)) || max(abs(g)) < 1e-11) break
    h <- tryCatch(numDeriv::hessian(at, now), error = function(e) NULL)
    if (is.null(h) || any(!is.finite(h))) break
    step <- tryCatch(solve(h, g), error = function(e) NULL)
    if (is.null(step)) break
    new <- now - step
    if (any(new < lower[free]) || at(new) > at(now) + 1e-9) break
    g_new <- slope(new)
    if (!all(is.finite(g_new)) || sum(g_new^2) >= sum(g^2)) break
    now <- new; g <- g_new
  }
  par[free] <- now
  par
}

start_points <- function(par, lower) {
  diagonal <- is.finite(lower)
  k <- ifelse(length(par) == 1, 40, 5)
  lapply(10^seq(-2.5, 1.5, length.out = k), function(s) ifelse(diagonal, s * par, par))
}

best_of <- function(fn, par, lower, upper, control = list(), ...) {
  tries <- list()
  keep <- function(p) {
    p <- pmax(p, lower)
    tries[[length(tries) + 1]] <<- list(par = p, fval = fn(p))
  }
  starts <- start_points(par, lower)
  if (length(par) == 1) {
    # One parameter: refine every dip of a grid, so that a second optimum is not overlooked.
    grid <- c(0, sort(sapply(starts, `[`, 1)), 1e3)
    f <- sapply(grid, fn)
    for (i in seq_along(grid)) {
      if ((i == 1 || f[i] <= f[i - 1]) && (i == length(f) || f[i] <= f[i + 1])) {
        ends <- grid[c(max(1, i - 1), min(length(grid), i + 1))]
        keep(optimize(fn, ends, tol = 1e-10)$minimum)
        keep(grid[i])
      }
    }
  } else {
    for (p in c(list(par), starts)) {
      try(keep(nloptr::nloptr(p, fn, lb = lower, ub = upper, opts = list(
        algorithm = "NLOPT_LN_BOBYQA", xtol_abs = 1e-11, xtol_rel = 0, ftol_abs = 1e-14,
        ftol_rel = 0, maxeval = 20000))$solution), silent = TRUE)
    }
    best <- tries[[which.min(sapply(tries, `[[`, "fval"))]]$par
    try(keep(minqa::bobyqa(best, fn, lower, upper,
      control = list(rhoend = 1e-11, maxfun = 20000))$par), silent = TRUE)
    # A parameter that is all but on its bound may belong there.
    edge <- best; edge[is.finite(lower) & best < 1e-5] <- 0
    keep(edge)
  }
  best <- tries[[which.min(sapply(tries, `[[`, "fval"))]]
  polished <- newton_polish(fn, best$par, lower)
  # What makes no difference at the bound belongs on it (1e-9 is above the rounding noise).
  edge <- ifelse(is.finite(lower) & polished < 1e-4, 0, polished)
  if (fn(edge) <= fn(polished) + 1e-9) polished <- edge
  value <- fn(polished)
  list(par = polished, fval = value, feval = NA, conv = 0, message = "best of many")
}

tight <- function() lmerControl(
  optimizer = "best_of", calc.derivs = FALSE, check.conv.singular = "ignore",
  check.nobs.vs.nlev = "ignore", check.nobs.vs.nRE = "ignore", check.scaleX = "ignore")

quietly <- function(code) suppressMessages(suppressWarnings(code))

fit_lmer <- function(formula, data, reml, default = FALSE) {
  formula <- as.formula(formula)
  environment(formula) <- globalenv()
  assign("reference_data", data, envir = globalenv())
  control <- if (default) lmerControl() else tight()
  call <- bquote(lmerTest::lmer(.(formula), data = reference_data, REML = .(reml),
                                control = control))
  quietly(eval(call))
}

# ---- the record of a fit -------------------------------------------------------------------

criterion_of <- function(fit) as.numeric(if (isREML(fit)) REMLcrit(fit) else deviance(fit))

varcorr_of <- function(fit) {
  # `||` gives one block per term; the covariance matrix here holds all of them, zeros between.
  blocks <- VarCorr(fit)
  names <- unlist(lapply(blocks, colnames), use.names = FALSE)
  full <- matrix(0, length(names), length(names), dimnames = list(names, names))
  for (b in blocks) full[rownames(b), colnames(b)] <- as.matrix(b)
  sd <- sqrt(diag(full))
  corr <- if (length(sd) > 1) full / outer(sd, sd) else NULL
  c(list(names = as.list(names), variances = diag(full), sds = sd, covariance = unname(full)),
    if (!is.null(corr)) list(correlation = unname(corr)))
}

satterthwaite_of <- function(fit) {
  table <- tryCatch(quietly(coef(summary(fit, ddf = "Satterthwaite"))), error = function(e) NULL)
  if (is.null(table) || !"df" %in% colnames(table)) return(NULL)
  column <- function(name) setNames(table[, name], rownames(table))
  list(df = column("df"), t = column("t value"), p = column("Pr(>|t|)"))
}

ranef_of <- function(fit) {
  u <- ranef(fit, condVar = TRUE)[[1]]
  post <- attr(u, "postVar")
  if (is.list(post)) {
    sd <- sapply(post, function(v) sqrt(apply(v, 3, diag)))
  } else {
    sd <- t(apply(post, 3, function(v) sqrt(diag(as.matrix(v)))))
    if (ncol(u) == 1) sd <- t(sd)
  }
  sd <- as.data.frame(matrix(sd, ncol = ncol(u))); names(sd) <- names(u)
  list(groups = rownames(u), values = as.list(u), cond_sd = as.list(sd))
}

nakagawa_of <- function(fit) {
  # Nakagawa & Schielzeth 2013; with slopes, Johnson 2014 (mean random variance over the rows).
  fixed <- var(as.vector(getME(fit, "X") %*% fixef(fit)))
  block <- varcorr_of(fit)
  z <- do.call(cbind, lapply(getME(fit, "mmList"), identity))
  random <- mean(rowSums((z %*% block$covariance) * z))
  residual <- sigma(fit)^2
  total <- fixed + random + residual
  list(var_fixed = fixed, var_random = random, var_residual = residual,
       r2_marginal = fixed / total, r2_conditional = (fixed + random) / total)
}

describe <- function(fit, rows = TRUE, satterthwaite = TRUE, default = NULL) {
  loglik <- logLik(fit)
  dropped <- names(attr(getME(fit, "X"), "col.dropped"))
  out <- list(
    reml = isREML(fit), n = nobs(fit), n_groups = unname(ngrps(fit)[1]),
    beta = fixef(fit), se = sqrt(diag(as.matrix(vcov(fit)))), vcov = unname(as.matrix(vcov(fit))),
    varcorr = varcorr_of(fit), sigma_e = sigma(fit), theta = as.list(unname(getME(fit, "theta"))),
    criterion = criterion_of(fit), loglik = as.numeric(loglik), aic = AIC(fit), bic = BIC(fit),
    n_parameters = attr(loglik, "df"), df_residual = df.residual(fit),
    singular = isSingular(fit), dropped = as.list(dropped))
  if (satterthwaite) out$satterthwaite <- satterthwaite_of(fit)
  out$nakagawa <- nakagawa_of(fit)
  if (rows) {
    out$ranef <- ranef_of(fit)
    out$fitted_first10 <- unname(head(fitted(fit), 10))
    out$predict_population_first10 <- unname(head(predict(fit, re.form = NA), 10))
    out$scaled_residuals <- unname(quantile(resid(fit, scaled = TRUE)))
  }
  if (!is.null(default)) out$default_optimiser <- list(
    theta = as.list(unname(getME(default, "theta"))), criterion = criterion_of(default),
    excess_criterion = criterion_of(default) - criterion_of(fit))
  out
}

intervals <- function(fit, profile = TRUE) {
  # Profile intervals are those of the ML fit, whatever `fit` is: lme4 refits before profiling.
  as_list <- function(m) setNames(lapply(seq_len(nrow(m)), function(i) unname(m[i, ])), rownames(m))
  plain <- as(fit, "lmerMod")
  out <- list(level = 0.95, wald = as_list(confint(plain, method = "Wald", parm = "beta_")))
  if (profile) {
    bounds <- tryCatch(quietly({
      pr <- profile(plain, optimizer = "bobyqa", delta.cutoff = 1 / 16,
                    control = lmerControl(optimizer = "bobyqa",
                      optCtrl = list(rhoend = 1e-9))$optCtrl)
      confint(pr)
    }), error = function(e) conditionMessage(e))
    out$profile <- if (is.character(bounds)) bounds else as_list(bounds)
  }
  out
}

versions <- function() list(
  R = as.character(getRversion()), lme4 = as.character(packageVersion("lme4")),
  lmerTest = as.character(packageVersion("lmerTest")), nlme = as.character(packageVersion("nlme")),
  Matrix = as.character(packageVersion("Matrix")))

# ---- JSON with all 17 digits, one line for each vector -----------------------------------------
# (jsonlite stops at 15 digits.)

json_scalar <- function(x) {
  if (is.na(x) && !is.nan(x)) "null"
  else if (is.logical(x)) tolower(as.character(x))
  else if (is.character(x)) encodeString(x, quote = '"')
  else if (!is.finite(x)) "null"
  else { s <- sprintf("%.15g", x); if (as.numeric(s) == x) s else sprintf("%.17g", x) }
}

json <- function(x, indent = "") {
  if (is.null(x)) return("null")
  inner <- paste0(indent, " ")
  if (is.matrix(x))
    return(paste0("[", paste(apply(x, 1, json_vector), collapse = ", "), "]"))
  if (is.list(x) && length(x) == 0) return("[]")
  if (is.list(x) && is.null(names(x)))
    return(paste0("[", paste(sapply(x, json, indent = inner), collapse = ", "), "]"))
  if (is.list(x)) {
    body <- mapply(function(k, v) paste0(inner, json_scalar(k), ": ", json(v, inner)), names(x), x)
    return(paste0("{\n", paste(body, collapse = ",\n"), "\n", indent, "}"))
  }
  if (!is.null(names(x)))
    return(paste0("{", paste(sapply(names(x), json_scalar), sapply(unname(x), json_scalar),
                             sep = ": ", collapse = ", "), "}"))
  if (length(x) == 1) json_scalar(x) else json_vector(x)
}

json_vector <- function(x) paste0("[", paste(sapply(unname(x), json_scalar), collapse = ", "), "]")

write_json <- function(x, path) {
  dir.create(dirname(path), showWarnings = FALSE, recursive = TRUE)
  writeLines(json(x), path, useBytes = TRUE)
}

