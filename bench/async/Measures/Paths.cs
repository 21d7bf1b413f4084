namespace DeployCard.Bench.Async.Measures;

/// <summary>What is asked of the pod.</summary>
internal static class Paths
{
    /// <summary>1 KiB of JSON at once: a model that takes no time.</summary>
    public const string Prediction = "/v1/models/bench:predict";

    /// <summary>No answer: the calls that run stay where they are, and all others stay queued.</summary>
    public const string Never = "/never";

    /// <summary>A prediction once a file is gone.</summary>
    public static string While(string file) => "/while/" + Uri.EscapeDataString(file);
}
