using System.Globalization;

namespace DeployCard.Grains.Autoscaling;

/// <summary>The words in which a decision is told to people.</summary>
internal static class ScalingReason
{
    /// <summary>The whole sentence.</summary>
    public static string Of(int pods, string why) => $"{Pods(pods)}: {why}";

    public static string Pods(int pods) => pods == 1 ? "1 pod" : string.Create(CultureInfo.InvariantCulture, $"{pods} pods");

    public static string OnAverage(double requests, TimeSpan window, double target, bool isBurst = false) =>
        $"{Number(requests)} in flight on average over {Time(window)}{(isBurst ? " (burst)" : "")}, target {Number(target)}";

    public static string Waiting(int waiting, int inFlight, double target) =>
        $"{waiting} waiting{(inFlight > 0 ? $", {inFlight} in flight" : "")}, target {Number(target)}";

    /// <summary>In the largest unit that keeps a window of a minute what it is called everywhere, <c>60 s</c>, and an idle time readable, <c>5 min</c>.</summary>
    public static string Time(TimeSpan time) =>
        time.TotalSeconds switch
        {
            >= 7200 => $"{Number(time.TotalHours)} h",
            >= 120 => $"{Number(time.TotalMinutes)} min",
            var seconds => $"{Number(seconds)} s",
        };

    public static string Number(double number) => number.ToString(number < 1 ? "0.##" : "0.#", CultureInfo.InvariantCulture);
}
