using System.ComponentModel.DataAnnotations;

namespace DeployCard.Domain.Deployments;

/// <summary>Settings that apply to every deployment (section <c>Deployments</c>).</summary>
public sealed class DeploymentOptions
{
    /// <summary>Section of the settings that holds these options.</summary>
    public const string Section = "Deployments";

    /// <summary>Maximum number of pods of one deployment, even if its configuration allows more.</summary>
    [Range(1, 100)]
    public int MaxPodsPerDeployment { get; set; } = 10;

    /// <summary>Time for which the name, dates, monitoring data and readme of a deleted deployment are kept.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan DeletedRetention { get; set; } = TimeSpan.FromDays(3);

    /// <summary>Maximum number of keys of one deployment.</summary>
    [Range(1, 10_000)]
    public int MaxKeysPerDeployment { get; set; } = 100;

    /// <summary>Maximum number of revisions that are kept per deployment. The oldest ones are deleted.</summary>
    [Range(2, 1_000)]
    public int MaxRevisionsPerDeployment { get; set; } = 50;

    /// <summary>Interval between scaling decisions while a deployment has or needs pods.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ScalingInterval { get; set; } = TimeSpan.FromSeconds(2);
}
