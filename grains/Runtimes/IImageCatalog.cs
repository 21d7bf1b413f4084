namespace DeployCard.Grains.Runtimes;

/// <summary>The images that this installation knows by name.</summary>
public interface IImageCatalog
{
    /// <summary>All of them, by name.</summary>
    Task<IReadOnlyList<Image>> List(CancellationToken cancellationToken);

    /// <summary>One of them; null where there is none of that name.</summary>
    Task<Image?> Find(string name, CancellationToken cancellationToken);
}
