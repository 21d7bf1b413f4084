using System.Collections.Concurrent;

namespace DeployCard.Grains.Telemetry;

/// <summary>
/// Tells deployments apart in what is measured, as values of <see cref="Key"/>; beyond <see cref="Most"/> of them all further ones are counted
/// together as <see cref="Other"/>: whoever makes deployments must not make the series of a monitoring system without end.
/// </summary>
internal sealed class DeploymentTag
{
    public const string Key = "deploycard.deployment";

    /// <summary>The most deployments that are told apart in one process.</summary>
    public const int Most = 1000;

    public const string Other = "_other";

    private readonly ConcurrentDictionary<string, string> known = new();

    /// <summary>The tag of a deployment.</summary>
    public KeyValuePair<string, object?> Of(string deployment) => new(Key, Bounded(deployment));

    /// <summary>The value of that tag.</summary>
    public string Bounded(string name) =>
        known.TryGetValue(name, out var kept) ? kept
        : known.Count >= Most ? Other
        : known.GetOrAdd(name, name);
}
