namespace DeployCard.Grains.Readmes;

/// <summary>What is stored of a readme.</summary>
public sealed class ReadmeState
{
    /// <summary>What was written.</summary>
    public string Markdown { get; set; } = "";

    /// <summary>Grows by one with each save.</summary>
    public int Version { get; set; }

    /// <summary>When it was saved, UTC.</summary>
    public DateTimeOffset? UpdatedAt { get; set; }

    /// <summary>Who saved it.</summary>
    public string? UpdatedBy { get; set; }
}
