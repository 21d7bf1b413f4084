namespace DeployCard.Grains.Readmes;

/// <summary>What is stored of a readme.</summary>
[GenerateSerializer, Alias("readme-state")]
public sealed class ReadmeState
{
    /// <summary>What was written.</summary>
    [Id(0)]
    public string Markdown { get; set; } = "";

    /// <summary>Grows by one with each save.</summary>
    [Id(1)]
    public int Version { get; set; }

    /// <summary>When it was saved, UTC.</summary>
    [Id(2)]
    public DateTimeOffset? UpdatedAt { get; set; }

    /// <summary>Who saved it.</summary>
    [Id(3)]
    public string? UpdatedBy { get; set; }
}
