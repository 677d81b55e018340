"""How fast the package is, and that its numbers are right in the same run.

    python3 course.py bench              # everything; ten minutes or so
    python3 course.py bench --only pisa  # the cases whose name contains a word
    python3 course.py bench --quick      # tiny data, to see that it works; its times mean nothing

Contenders take turns (A B C A B C ...), so that whatever else the machine does hits all alike, and
medians are compared. A time goes from a DataFrame (in R: a data.frame) to estimates with standard
errors. What each contender estimated is compared with the package's estimates: a run whose numbers
disagree fails. An explorer's time is that of one move of a slider. lme4 and lmerTest take part
where Rscript and these packages are there, gpboost where it is installed.
"""
