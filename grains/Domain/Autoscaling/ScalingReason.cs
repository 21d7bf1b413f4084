using System.Globalization;

namespace DeployCard.Domain.Autoscaling;

/// <summary>Formats the reason of a scaling decision, for users.</summary>
internal static class ScalingReason
{
    /// <summary>Returns the complete reason: the number of pods and the explanation.</summary>
    public static string Format(int pods, string why) => $"{FormatPods(pods)}: {why}";

    public static string FormatPods(int pods) => pods == 1 ? "1 pod" : string.Create(CultureInfo.InvariantCulture, $"{pods} pods");

    public static string ForAverage(double requests, TimeSpan window, double target, bool isBurst = false) =>
        $"{FormatNumber(requests)} in flight on average over {FormatDuration(window)}{(isBurst ? " (burst)" : "")}, "
        + $"target {FormatNumber(target)}";

    public static string ForWaiting(int waiting, int inFlight, double target) =>
        $"{waiting} waiting{(inFlight > 0 ? $", {inFlight} in flight" : "")}, target {FormatNumber(target)}";

    /// <summary>
    /// Formats a duration: in hours from 2 h, in minutes from 2 min, otherwise in seconds. A window of one minute stays <c>60 s</c>, as the
    /// settings name it.
    /// </summary>
    public static string FormatDuration(TimeSpan time) =>
        time.TotalSeconds switch
        {
            >= 7200 => $"{FormatNumber(time.TotalHours)} h",
            >= 120 => $"{FormatNumber(time.TotalMinutes)} min",
            var seconds => $"{FormatNumber(seconds)} s",
        };

    public static string FormatNumber(double number) => number.ToString(number < 1 ? "0.##" : "0.#", CultureInfo.InvariantCulture);
}
