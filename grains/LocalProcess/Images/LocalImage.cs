using DeployCard.LocalProcess.Processes;
using DeployCard.LocalProcess.Settings;

namespace DeployCard.LocalProcess.Images;

/// <summary>
/// An image as read from its folder: the manifest, or the reason why the image is unusable. Both are set if only the readme is invalid.
/// </summary>
internal sealed record LocalImage(string Name, string Folder, ImageManifest? Manifest, string? Problem)
{
    private const string FileName = "image.json";
    private const int MaxManifestBytes = 1024 * 1024;
    private const int MaxReadmeBytes = 256 * 1024;

    public static bool ExistsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Reads the image from its folder. An error does not throw, but becomes <see cref="Problem"/>.</summary>
    public static LocalImage Read(string name, string folder)
    {
        try
        {
            return ReadManifest(name, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(name, folder, null, $"The image '{name}' cannot be read: {e.Message}");
        }
    }

    /// <summary>
    /// Creates the environment of the image's programs: the inherited variables of the silo, overridden by those of the manifest.
    /// </summary>
    public Dictionary<string, string> CreateEnvironment(LocalProcessOptions options) =>
        PodEnvironment.CreateForImage(
            PodCommand.SiloEnvironment,
            [.. options.PassEnvironment],
            (Manifest?.Defaults ?? ImageDefaults.None).Environment
        );

    /// <summary>Reads the text of the readme; returns null if the image has none.</summary>
    public string? ReadReadme() => Manifest?.Readme is { } file ? File.ReadAllText(Path.Combine(Folder, file)) : null;

    private static LocalImage ReadManifest(string name, string folder)
    {
        var file = new FileInfo(Path.Combine(folder, FileName));
        if (!file.Exists)
            return new(name, folder, null, $"The image '{name}' has no {FileName} in its folder {folder}.");

        if (file.Length > MaxManifestBytes)
        {
            return new(
                name,
                folder,
                null,
                $"The {FileName} of the image '{name}' has {file.Length} bytes; at most {MaxManifestBytes} are allowed."
            );
        }

        var (manifest, errors) = ImageManifestParser.Parse(File.ReadAllBytes(file.FullName));
        var problem = manifest is null ? string.Join("; ", errors) : FindReadmeProblem(manifest, folder);
        return new(name, folder, manifest, problem is null ? null : $"The {FileName} of the image '{name}' cannot be used: {problem}.");
    }

    private static string? FindReadmeProblem(ImageManifest manifest, string folder)
    {
        if (
            manifest.Readme is { } readme
            && new FileInfo(Path.Combine(folder, readme)) is var file
            && (!file.Exists || file.Length > MaxReadmeBytes)
        )
        {
            return $"the field 'readme' must name a file of at most {MaxReadmeBytes} bytes in the image's folder, not {readme}";
        }

        return null;
    }
}
