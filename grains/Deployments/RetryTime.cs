namespace DeployCard.Grains.Deployments;

/// <summary>When pods are tried again that cannot become ready; null where waiting for one has a use.</summary>
internal static class RetryTime
{
    /// <summary>Nobody says when, as of an image that a node cannot pull. Later than any time that is known.</summary>
    public static readonly DateTimeOffset Unknown = DateTimeOffset.MaxValue;

    /// <summary>How long it is until then; null where it is not known, or over.</summary>
    public static TimeSpan? Left(DateTimeOffset? at, DateTimeOffset now) => at > now && at != Unknown ? at - now : null;
}
