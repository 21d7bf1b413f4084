using DeployCard.Kubernetes.Images;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Volumes that the image of a pod requires: shared memory and persistent volumes.</summary>
internal static class PodVolumes
{
    private const string SharedMemory = "shared-memory";

    /// <summary>Returns the volumes of a pod, each with its mount in the container.</summary>
    public static IEnumerable<(V1Volume Volume, V1VolumeMount Mount)> For(KubernetesImage image)
    {
        if (image.SharedMemoryBytes is { } bytes)
        {
            yield return (
                new()
                {
                    Name = SharedMemory,
                    EmptyDir = new() { Medium = "Memory", SizeLimit = new($"{bytes}") },
                },
                new() { Name = SharedMemory, MountPath = "/dev/shm" }
            );
        }

        for (var i = 0; i < image.Volumes.Count; i++)
        {
            var (claim, path, isReadOnly) = image.Volumes[i];
            bool? readOnly = isReadOnly ? true : null;
            yield return (
                new()
                {
                    Name = $"volume-{i}",
                    PersistentVolumeClaim = new() { ClaimName = claim, ReadOnlyProperty = readOnly },
                },
                new()
                {
                    Name = $"volume-{i}",
                    MountPath = path,
                    ReadOnlyProperty = readOnly,
                }
            );
        }
    }
}
