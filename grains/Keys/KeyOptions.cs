using System.ComponentModel.DataAnnotations;

namespace DeployCard.Grains.Keys;

/// <summary>What holds for every key (section <c>Keys</c>).</summary>
public sealed class KeyOptions
{
    /// <summary>How long an expired or revoked key is still listed: 0 s to 1 year, default 3 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(3);
}
