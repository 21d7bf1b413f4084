namespace DeployCard.EndToEnd.Tests.Samples;

/// <summary>Finds the images in the silo's build output, for the build configuration of these tests.</summary>
internal static class ImageFolder
{
    public static string GetPath(string image)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var configuration = output.Parent!.Name;
        var folder = Path.Combine(Solution(output).FullName, "silo", "bin", configuration, output.Name, "images", image);
        return Directory.Exists(folder)
            ? folder
            : throw new DirectoryNotFoundException($"{folder} is missing; run `dotnet build silo -c {configuration}`.");
    }

    private static DirectoryInfo Solution(DirectoryInfo? folder)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.sln")))
            folder = folder.Parent;

        return folder ?? throw new DirectoryNotFoundException($"No parent folder of {AppContext.BaseDirectory} contains Orleans.sln.");
    }
}
