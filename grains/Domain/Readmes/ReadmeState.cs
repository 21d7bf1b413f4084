namespace DeployCard.Domain.Readmes;

/// <summary>Stored state of a readme.</summary>
[GenerateSerializer, Alias("readme-state")]
public sealed class ReadmeState
{
    /// <summary>Source text of the readme.</summary>
    [Id(0)]
    public string Markdown { get; set; } = "";

    /// <summary>Version number, increased by one with each save.</summary>
    [Id(1)]
    public int Version { get; set; }

    /// <summary>Time of the last save, UTC; null before the first save.</summary>
    [Id(2)]
    public DateTimeOffset? UpdatedAt { get; set; }

    /// <summary>Name of the user who saved the readme last; null before the first save.</summary>
    [Id(3)]
    public string? UpdatedBy { get; set; }
}
