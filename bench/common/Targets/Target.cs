namespace DeployCard.Bench.Common.Targets;

/// <summary>A way to the pod.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Origin">Its URL, without a slash at the end.</param>
/// <param name="Key">The key that every request carries, also where nobody looks at it.</param>
/// <param name="Processes">The proxy's processes that do the work; none where there is no proxy.</param>
internal sealed record Target(string Name, string Origin, string Key, IReadOnlyList<int> Processes)
{
    public const string KeyHeader = "X-API-Key";

    public const string Alone = "pod alone";
    public const string BareYarp = "bare YARP";
    public const string Nginx = "nginx";
    public const string DeployCard = "DeployCard";

    /// <summary>Header fields of each request beside the key, as in <c>Name: value</c>.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>Whether the proxy is a .NET process, which tells what it allocates.</summary>
    public bool IsDotnet => Name is BareYarp or DeployCard;

    public string Url(string path) => Origin + path;
}
