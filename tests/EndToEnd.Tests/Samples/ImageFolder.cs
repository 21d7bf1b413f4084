namespace DeployCard.EndToEnd.Tests.Samples;

/// <summary>The images that the silo's build put beside it, for the configuration that these tests were built for.</summary>
internal static class ImageFolder
{
    public static string Of(string image)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var configuration = output.Parent!.Name;
        var folder = Path.Combine(Solution(output).FullName, "silo", "bin", configuration, output.Name, "images", image);
        return Directory.Exists(folder)
            ? folder
            : throw new DirectoryNotFoundException($"{folder} is missing; `dotnet build silo -c {configuration}` makes it.");
    }

    private static DirectoryInfo Solution(DirectoryInfo? folder)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.sln")))
            folder = folder.Parent;

        return folder ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Orleans.sln.");
    }
}
