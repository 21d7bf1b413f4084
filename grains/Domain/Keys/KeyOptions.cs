using System.ComponentModel.DataAnnotations;

namespace DeployCard.Domain.Keys;

/// <summary>Settings that apply to every key (section <c>Keys</c>).</summary>
public sealed class KeyOptions
{
    /// <summary>Section of the settings that holds these options.</summary>
    public const string Section = "Keys";

    /// <summary>Time for which an expired or revoked key is still listed.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(3);
}
