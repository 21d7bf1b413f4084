namespace DeployCard.Bench.Async.Measures;

/// <summary>Request paths of the pod.</summary>
internal static class Paths
{
    /// <summary>Responds immediately with 1 KiB of JSON, as a model that takes no time.</summary>
    public const string Prediction = "/v1/models/bench:predict";

    /// <summary>Never responds: the calls in flight stay in flight, and all others stay queued.</summary>
    public const string NoResponse = "/never";

    /// <summary>Returns a path that responds like <see cref="Prediction"/> as soon as a file no longer exists.</summary>
    public static string AfterDeletionOf(string file) => "/while/" + Uri.EscapeDataString(file);
}
