using System.Globalization;

namespace DeployCard.Grains.Monitoring.Alerts;

/// <summary>What an alert says to people.</summary>
internal static class AlertText
{
    /// <summary>What is the matter, as in <c>Error ratio 12 % over 5 min, limit 5 %.</c></summary>
    public static string Of(AlertState alert)
    {
        var (value, limit) = (Number(alert.Rule, alert.Value), Number(alert.Rule, alert.Limit));
        return alert.Rule switch
        {
            AlertRule.ErrorRatio => $"Error ratio {value} over {alert.Window} min, limit {limit}.",
            AlertRule.Latency => $"One prediction in a hundred takes {value} or more over {alert.Window} min, limit {limit}.",
            AlertRule.CrashLoop => $"Pods failed {value} times within {alert.Window} min, limit {limit}.",
            AlertRule.BacklogAge => $"An asynchronous call has waited for a pod for {value}, limit {limit}.",
            AlertRule.ColdStart => $"One first request in ten waits {value} or more for a pod over {alert.Window} min, limit {limit}.",
            _ => $"{value} requests a second are refused for lack of pods over {alert.Window} min, limit {limit}.",
        };
    }

    /// <summary>That it is over.</summary>
    public static string Resolved(AlertState alert, DateTimeOffset now) =>
        $"Over after {Duration(now - alert.FiringSince!.Value)}: {Of(alert)}";

    private static string Number(AlertRule rule, double number) =>
        rule switch
        {
            AlertRule.ErrorRatio => string.Create(CultureInfo.InvariantCulture, $"{number * 100:0.##} %"),
            AlertRule.CrashLoop or AlertRule.CapacityRejections => number.ToString("0.##", CultureInfo.InvariantCulture),
            _ => Duration(TimeSpan.FromSeconds(number)),
        };

    private static string Duration(TimeSpan time) =>
        time switch
        {
            { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min"),
            { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s"),
        };
}
