using System.Collections.Concurrent;

namespace DeployCard.Common.Telemetry;

/// <summary>
/// Tags measurements with the deployment name. Deployments beyond the first <see cref="MaxDeployments"/> share the value
/// <see cref="Other"/>, so that the number of time series in a monitoring system is bounded.
/// </summary>
public sealed class DeploymentTag
{
    /// <summary>Name of the tag on measurements.</summary>
    public const string Key = "deploycard.deployment";

    /// <summary>Maximum number of deployments with their own tag value in one process.</summary>
    public const int MaxDeployments = 1000;

    /// <summary>Value of the tag for all deployments beyond the limit.</summary>
    public const string Other = "_other";

    private readonly ConcurrentDictionary<string, string> known = new();

    /// <summary>Returns the tag of a deployment: <see cref="Key"/> and its value.</summary>
    public KeyValuePair<string, object?> For(string deployment) => new(Key, GetValue(deployment));

    /// <summary>Returns the tag value of a deployment: its name, or <see cref="Other"/> if the limit is reached.</summary>
    public string GetValue(string name) =>
        known.TryGetValue(name, out var value) ? value
        : known.Count >= MaxDeployments ? Other
        : known.GetOrAdd(name, name);
}
