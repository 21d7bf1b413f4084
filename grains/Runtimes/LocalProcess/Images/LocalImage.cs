namespace DeployCard.Grains.Runtimes.LocalProcess.Images;

/// <summary>An image as its folder has it now: a manifest, or the problem that there is none that can be used.</summary>
internal sealed record LocalImage(string Name, string Folder, ImageManifest? Manifest, string? Problem)
{
    private const string FileName = "image.json";
    private const int LargestManifest = 1024 * 1024;
    private const int LargestReadme = 256 * 1024;

    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Reads it; whatever is wrong becomes the problem.</summary>
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

    /// <summary>The environment of its programs: ours as far as it is meant for them, then the manifest's.</summary>
    public Dictionary<string, string> Environment(LocalProcessOptions options) =>
        PodEnvironment.For(
            PodCommand.ServerEnvironment,
            [.. options.PassEnvironment],
            Manifest?.Defaults.Environment ?? ImageDefaults.None.Environment
        );

    /// <summary>The text of its readme; null for none.</summary>
    public string? ReadReadme() => Manifest?.Readme is { } file ? File.ReadAllText(Path.Combine(Folder, file)) : null;

    private static LocalImage ReadManifest(string name, string folder)
    {
        var file = new FileInfo(Path.Combine(folder, FileName));
        if (!file.Exists)
            return new(name, folder, null, $"The image '{name}' has no {FileName} in its folder {folder}.");

        if (file.Length > LargestManifest)
        {
            return new(
                name,
                folder,
                null,
                $"The {FileName} of the image '{name}' has {file.Length} bytes; at most {LargestManifest} are allowed."
            );
        }

        var (manifest, errors) = ImageManifestParser.Parse(File.ReadAllBytes(file.FullName));
        var problem = manifest is null ? string.Join("; ", errors) : Missing(manifest, folder);
        return new(name, folder, manifest, problem is null ? null : $"The {FileName} of the image '{name}' cannot be used: {problem}.");
    }

    private static string? Missing(ImageManifest manifest, string folder)
    {
        if (
            manifest.Readme is { } readme
            && new FileInfo(Path.Combine(folder, readme)) is var file
            && (!file.Exists || file.Length > LargestReadme)
        )
        {
            return $"the field 'readme' must name a file of at most {LargestReadme} bytes in the image's folder, not {readme}";
        }

        return null;
    }
}
