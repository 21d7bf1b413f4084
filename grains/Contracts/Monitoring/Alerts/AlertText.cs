using System.Globalization;

namespace DeployCard.Contracts.Monitoring.Alerts;

/// <summary>Describes alerts in sentences for users.</summary>
public static class AlertText
{
    /// <summary>Describes a firing alert, for example <c>Error ratio 12 % over 5 min, limit 5 %.</c></summary>
    public static string Describe(AlertState alert)
    {
        var (value, limit) = (Number(alert.Rule, alert.Value), Number(alert.Rule, alert.Limit));
        return alert.Rule switch
        {
            AlertRule.ErrorRatio => $"Error ratio {value} over {alert.Window} min, limit {limit}.",
            AlertRule.Latency => $"Latency p99 {value} over {alert.Window} min, limit {limit}.",
            AlertRule.CrashLoop => $"Pods failed {value} times within {alert.Window} min, limit {limit}.",
            AlertRule.BacklogAge => $"Oldest asynchronous call has waited {value} for a pod, limit {limit}.",
            AlertRule.ColdStart => $"Cold start p90 {value} over {alert.Window} min, limit {limit}.",
            _ => $"{value} requests per second rejected for lack of pods over {alert.Window} min, limit {limit}.",
        };
    }

    /// <summary>Describes a resolved alert, with the time for which it was firing.</summary>
    public static string DescribeResolved(AlertState alert, DateTimeOffset now) =>
        $"Resolved after {Duration(now - alert.FiringSince!.Value)}: {Describe(alert)}";

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
