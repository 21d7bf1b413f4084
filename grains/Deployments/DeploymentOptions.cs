using System.ComponentModel.DataAnnotations;

namespace DeployCard.Grains.Deployments;

/// <summary>What holds for every deployment (section <c>Deployments</c>).</summary>
public sealed class DeploymentOptions
{
    /// <summary>The most pods that one deployment gets, whatever its range says: 1 to 100, default 10.</summary>
    [Range(1, 100)]
    public int MaxPodsPerDeployment { get; set; } = 10;

    /// <summary>How long name, dates, monitoring and readme of a deleted deployment are kept: 1 minute to 1 year, default 3 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan DeletedRetention { get; set; } = TimeSpan.FromDays(3);

    /// <summary>The most keys of one deployment: 1 to 10,000, default 100.</summary>
    [Range(1, 10_000)]
    public int MaxKeysPerDeployment { get; set; } = 100;

    /// <summary>How many revisions are remembered, the latest ones: 2 to 1,000, default 50.</summary>
    [Range(2, 1_000)]
    public int MaxRevisionsPerDeployment { get; set; } = 50;

    /// <summary>How often the number of pods is reconsidered while there are any or some are wanted: 100 ms to 1 minute, default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ScalingInterval { get; set; } = TimeSpan.FromSeconds(2);
}
