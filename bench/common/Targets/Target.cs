namespace DeployCard.Bench.Common.Targets;

/// <summary>A server that is measured: the pod itself, or a proxy in front of it.</summary>
/// <param name="Name">Name in the tables.</param>
/// <param name="Origin">URL without a trailing slash; the path of a request is appended.</param>
/// <param name="Key">API key that every request carries, also if the target ignores it.</param>
/// <param name="Processes">Process ids of the proxy whose processor time and memory are measured; empty if there is no proxy.</param>
internal sealed record Target(string Name, string Origin, string Key, IReadOnlyList<int> Processes)
{
    public const string KeyHeader = "X-API-Key";

    public const string PodAlone = "pod alone";
    public const string BareYarp = "bare YARP";
    public const string Nginx = "nginx";
    public const string DeployCard = "DeployCard";

    /// <summary>Headers of each request in addition to the key, for example <c>Name: value</c>.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>Whether the target is a .NET process, whose allocations can be measured.</summary>
    public bool IsDotnet => Name is BareYarp or DeployCard;

    /// <summary>Returns the URL of a path of the target.</summary>
    public string GetUrl(string path) => Origin + path;
}
