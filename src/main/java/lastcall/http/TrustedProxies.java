package lastcall.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.http.ServerRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lastcall.config.Network;
import lastcall.log.EventLog;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who has sent a request: the peer of the connection, or, if that is a proxy of ours, the
 * client that the proxy names in {@code X-Forwarded-For} or {@code Forwarded} (RFC 7239).
 *
 * <p>Every proxy adds its own client at the end of the header, and what stands before that may be
 * made up. So we read from the end: while an address is a proxy of ours, we believe what it says
 * about the one before it. Where that is no address, the proxy itself is the last one we know.
 */
public final class TrustedProxies {
  private static final EventLog LOG = EventLog.of(TrustedProxies.class);

  /** The parameter for of an element of Forwarded, quoted or not. */
  private static final Pattern FOR =
      Pattern.compile("(?i)\\s*+for\\s*+=\\s*+(?:\"([^\"]*+)\"|([^\"\\s]*+))\\s*+");

  /** An address, IPv6 in brackets or bare, with or without a port. */
  private static final Pattern NODE =
      Pattern.compile("\\[(.*)](?::\\w+)?|([\\d.]+)(?::\\w+)?|(.*:.*:.*)");

  /** This machine, and addresses that no stranger on the internet has. */
  private static final List<Network> INSIDE =
      Network.all(
          "127.0.0.0/8 ::1 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 169.254.0.0/16"
              + " fc00::/7 fe80::/10");

  private final List<Network> networks;
  private final AtomicBoolean warned = new AtomicBoolean();

  /**
   * @param networks of our proxies
   */
  public TrustedProxies(List<Network> networks) {
    this.networks = networks;
  }

  /**
   * The client's address, or null for one that is under no limits: a peer on this machine or in a
   * private network that nobody has named to us. It is a program of ours, or a proxy whose clients
   * would all share one limit.
   */
  public @Nullable InetAddress client(ServerRequest request) {
    InetAddress peer = ((InetSocketAddress) request.remotePeer().address()).getAddress();
    String forwarded = values(request.headers(), HeaderNames.FORWARDED);
    String forwardedFor = values(request.headers(), HeaderNames.X_FORWARDED_FOR);
    if (in(networks, peer)) {
      return client(peer, forwarded, forwardedFor);
    }
    if (!in(INSIDE, peer)) {
      return peer;
    }
    if (!(forwarded + forwardedFor).isEmpty() && !warned.getAndSet(true)) {
      LOG.warn(
          "requests come through a proxy that server.trusted-proxies does not name, so its clients are under no limits");
    }
    return null;
  }

  /**
   * @param forwarded the values of Forwarded, "" without one
   * @param forwardedFor the values of X-Forwarded-For, which wins: proxies that write only this one
   *     leave the other as the client has made it up
   */
  InetAddress client(InetAddress peer, String forwarded, String forwardedFor) {
    boolean plain = !forwardedFor.isEmpty();
    List<String> hops = Stream.of((plain ? forwardedFor : forwarded).split(",", -1)).toList();
    InetAddress known = peer;
    for (String hop : hops.reversed()) {
      if (!hop.isBlank()) {
        InetAddress before = in(networks, known) ? address(plain ? hop : node(hop)) : null;
        if (before == null) {
          return known;
        }
        known = before;
      }
    }
    return known;
  }

  private static boolean in(List<Network> networks, InetAddress address) {
    return networks.stream().anyMatch(network -> network.contains(address));
  }

  /**
   * What the element says about the client; "" if that is not clear. A proxy may quote what its
   * client has made up, such as host="a;for=192.0.2.1;b": a part with half a quoted string is of
   * that sort, and then nothing in the element is believed.
   */
  private static String node(String element) {
    List<String> nodes = new ArrayList<>();
    for (String parameter : element.split(";", -1)) {
      Matcher node = FOR.matcher(parameter);
      if (parameter.chars().filter(c -> c == '"').count() % 2 != 0) {
        return "";
      }
      if (node.matches()) {
        nodes.add(node.group(1) == null ? node.group(2) : node.group(1));
      }
    }
    return nodes.size() == 1 ? nodes.getFirst() : "";
  }

  private static @Nullable InetAddress address(String text) {
    Matcher node = NODE.matcher(text.strip());
    if (!node.matches()) {
      return null; // "unknown", "_hidden", or nonsense
    }
    String ipv4 = node.group(2);
    String ipv6 = node.group(1) == null ? node.group(3) : node.group(1);
    return Network.literal(ipv4 == null ? ipv6 : ipv4);
  }

  /** Of all its lines, in their order. */
  private static String values(ServerRequestHeaders headers, HeaderName name) {
    return String.join(",", headers.all(name, List::of));
  }
}
